# Functions that .ci/run has Docker by.

docker_answers() {
	timeout 20 docker version >/dev/null 2>&1
}

on_debian_as_root() {
	[ "$(id -u)" = 0 ] && [ -e /etc/debian_version ] && command -v apt-get >/dev/null
}

# Have a Docker daemon that answers: the one that runs, one that is started, one that is installed and started. Fails
# where none can be had, and says why.
provide_docker() {
	if docker_answers; then
		echo ".ci/run: Docker is there"
		return
	fi
	if ! command -v docker >/dev/null || ! command -v dockerd >/dev/null; then
		if ! on_debian_as_root; then
			echo ".ci/run: no Docker daemon answers, and only root on a Debian can install one here"
			return 1
		fi
		install_docker || return
	fi
	start_docker
}

install_docker() {
	local log
	log=$(mktemp)
	echo ".ci/run: installing Docker from Debian's packages"
	if ! { timeout 120 apt-get update && DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install --yes \
			--no-install-recommends docker.io; } </dev/null >"$log" 2>&1; then
		echo ".ci/run: Docker could not be installed:" >&2
		tail -n 20 "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}

start_docker() {
	if [ "$(id -u)" != 0 ]; then
		echo ".ci/run: no Docker daemon answers, and only root can start one"
		return 1
	fi
	docker_log=$(mktemp)
	dockerd </dev/null >"$docker_log" 2>&1 &
	docker_pid=$!
	local _
	for _ in $(seq 60); do
		if docker_answers; then
			echo ".ci/run: started a Docker daemon, process $docker_pid"
			return
		fi
		kill -0 "$docker_pid" 2>/dev/null || break
		sleep 1
	done
	echo ".ci/run: the Docker daemon does not answer:" >&2
	tail -n 20 "$docker_log" >&2
	return 1
}

# Stop the daemon if it was started here.
stop_docker() {
	[ -n "${docker_pid:-}" ] || return 0
	if kill "$docker_pid" 2>/dev/null; then
		wait "$docker_pid" || true # it stops its containers first, each within ten seconds
		echo ".ci/run: stopped the Docker daemon"
	fi
	rm -f "$docker_log"
}
