#!/bin/sh
# Makes an image that a Lambda function written in Python runs in under `sam local`, where Amazon's own cannot be pulled.
#
#   lambda_image.sh [IMAGE]     (default: everypath/python3.N-stand-in:latest; prints the name)
#
# It is not Amazon's image and does not claim to be: Debian's Python of this release, BusyBox for the three commands
# that the Dockerfile of SAM calls, and awslambdaric, the runtime client that Amazon publishes on PyPI. What runs
# the function is therefore the real client behind the real emulator that SAM puts in; the operating system around
# them, the Python's patch release and the libraries that Amazon adds (boto3) are not.
#
# Needs a Debian or a derivative (apt-get, dpkg), pip (PIP, default: python3 -m pip) and a Docker daemon that answers.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
pip=${PIP:-python3 -m pip}

for command in apt-get apt-cache dpkg docker; do
	command -v "$command" >/dev/null || { echo "lambda_image.sh: the stand-in is made of Debian packages, and there is no $command" >&2; exit 2; }
done

# Debian's python3 depends on the one Python of the release, such as python3.11.
python=$(apt-cache depends python3-minimal | sed -n 's/^ *PreDepends: \(python3\.[0-9]*\)-minimal$/\1/p')
test -n "$python" || { echo "lambda_image.sh: apt-cache knows no python3-minimal; run apt-get update" >&2; exit 2; }
image=${1:-everypath/$python-stand-in:latest}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"   # it becomes the root directory of the image, which the function reads as a user of its own
mkdir "$work/packages" "$work/root"
cd "$work/root"
mkdir -p bin opt tmp var/rapid var/runtime var/task
chmod 1777 tmp

# Python, and what it and the runtime client (libstdc++6) link to; what those ask for beyond libraries only maintains an installed system.
packages=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
	--no-enhances "$python-minimal" "lib$python-stdlib" libstdc++6 | grep -E '^(lib|zlib1g)' | grep -vE '^libperl|:' | sort -u)
(cd ../packages && apt-get -qq -o APT::Sandbox::User=root download "$python-minimal" busybox-static $packages)
for package in ../packages/*.deb; do dpkg -x "$package" .; done
rm -rf usr/share/doc usr/share/man usr/share/locale
for command in sh mv chmod; do ln -s busybox "bin/$command"; done

$pip install --quiet --disable-pip-version-check --no-deps --no-compile --only-binary=:all: \
	--python-version "${python#python}" --target var/runtime --requirement "$here/requirements-image.txt"
cat > var/runtime/bootstrap <<END
#!/bin/sh
export PYTHONPATH=/var/task:/opt/python:/var/runtime
cd /var/task
exec /usr/bin/$python -m awslambdaric "\$_HANDLER"
END
chmod 755 var/runtime/bootstrap

# What SAM made of an older stand-in has the name of what it would make of this one, and would be taken for it.
docker image ls --format '{{.Repository}}:{{.Tag}}' "${image%:*}" | grep -vFx "$image" | xargs -r docker image rm >/dev/null
docker image ls --quiet "$image" | xargs -r docker image rm >/dev/null
tar -c . | docker import --change 'ENV PATH=/usr/bin:/bin' --change 'ENV LANG=C.UTF-8' \
	--change 'ENV LAMBDA_TASK_ROOT=/var/task' --change 'ENV LAMBDA_RUNTIME_DIR=/var/runtime' \
	--change 'WORKDIR /var/task' - "$image" >/dev/null
echo "$image"
