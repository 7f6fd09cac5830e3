"""A function's own modules, and the moments at which they are the process's."""

from __future__ import annotations

import builtins
import itertools
import os
import sys
from collections.abc import Sequence
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_loader
from types import ModuleType

_NUMBERS = itertools.count(1)
"""Python keeps source lines by file name, so that every inline module needs one of its own."""

_MODULE_ENDINGS = (".py", ".pyc", ".so", ".pyd")


class FunctionModules(MetaPathFinder):
    """Modules from a function's directories, which are in ``sys.modules`` only while the function runs.

    So two functions may both have an ``app.py`` and a ``utils`` package, and neither sees the other's or the
    program's. Modules from elsewhere, the standard library and installed packages, are shared with the program. What
    ``sam build`` put beside the code is the function's own, as on Lambda.

    Parameters
    ----------
    directories : sequence of str
        Where the function's modules are, in the order in which they are looked for.
    inline_code : str, optional
        The source of a module ``index``.
    """

    def __init__(self, directories: Sequence[str], inline_code: str | None = None) -> None:
        self._base = tuple(directories)
        self._directories = list(directories)
        self._inline_code = inline_code
        self.inline_file = f"/var/task/index-{next(_NUMBERS)}.py" if inline_code is not None else ""
        self._modules: dict[str, ModuleType] = {}
        self._program_path: frozenset[str] = frozenset()
        self._looked = False
        for directory in self._directories:  # so that a file written a moment ago is found
            for known in [path for path in sys.path_importer_cache if path.startswith(directory)]:
                sys.path_importer_cache.pop(known, None)
        self._names: set[str] = {name for name in self._candidates() if self._own(name) is not None}

    def enter(self) -> tuple[dict[str, ModuleType], list[str], int]:
        """Put the function's modules in place; return what `leave` needs."""
        hidden: dict[str, ModuleType] = {}
        modules = sys.modules
        for name in self._names:
            if name in modules:
                hidden[name] = modules.pop(name)
                if "__path__" in getattr(hidden[name], "__dict__", ()):  # a package: its modules too
                    for inner in [key for key in modules if key.startswith(f"{name}.")]:
                        hidden[inner] = modules.pop(inner)
        modules.update(self._modules)
        path = sys.path[:]
        self._program_path = frozenset(path)
        sys.path[:0] = self._directories
        sys.meta_path.insert(0, self)
        self._looked = False
        return hidden, path, len(modules)

    def leave(self, entered: tuple[dict[str, ModuleType], list[str], int]) -> None:
        """Put the program's modules back, and keep what the function imported."""
        hidden, path, count = entered
        modules = sys.modules
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        self._directories = self._own_directories()
        sys.path[:] = path
        if self._looked or len(modules) != count:
            own = [name for name in modules if name.partition(".")[0] in self._names]
            self._modules = {name: modules[name] for name in own}
        for name in self._modules:
            modules.pop(name, None)
        modules.update(hidden)

    def owns(self, name: str) -> bool:
        """Whether a module of that name would be the function's."""
        return name.partition(".")[0] in self._names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module as the import system asks for it: before it looks anywhere else."""
        self._looked = True
        if path is not None:
            return None  # inside a package, which knows where its modules are
        self._directories = self._own_directories()
        spec = self._own(fullname)
        if spec is not None:
            self._names.add(fullname)
        return spec

    def _own_directories(self) -> list[str]:
        """Return the function's directories, with those of vendored packages that it put on ``sys.path`` itself."""
        own = (entry for entry in sys.path if entry in self._base or entry not in self._program_path)
        return list(dict.fromkeys(own))

    def _own(self, name: str) -> ModuleSpec | None:
        if name in sys.builtin_module_names:
            return None
        if self._inline_code is not None and name == "index":
            return spec_from_loader(name, _InlineLoader(self._inline_code, self.inline_file))
        spec = PathFinder.find_spec(name, self._directories)
        if spec is not None and spec.loader is None:
            # A directory without __init__.py gives way to a real module anywhere on the path, as in any import.
            elsewhere = PathFinder.find_spec(name, [*self._directories, *sys.path])
            return elsewhere if elsewhere is not None and elsewhere.loader is None else None
        return spec

    def _candidates(self) -> set[str]:
        """Names of top-level modules that may be in the directories, without those that are loaded for good."""
        found = {"index"} if self._inline_code is not None else set()
        for directory in self._directories:
            try:
                entries = os.listdir(directory)  # noqa: PTH208 - only the names are needed
            except OSError:
                continue
            for entry in entries:
                name = entry.partition(".")[0] if entry.endswith(_MODULE_ENDINGS) else entry
                if name.isidentifier() and not name.startswith("__"):
                    found.add(name)
        return {name for name in found if not (name in sys.stdlib_module_names and name in sys.modules)}


class _InlineLoader(InspectLoader):
    """Loads the module whose source stands in the template."""

    def __init__(self, source: str, file: str) -> None:
        self._source = source
        self._file = file

    def get_source(self, fullname: str) -> str:
        return self._source

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = "/var/task/index.py"
        code = builtins.compile(self._source, self._file, "exec", dont_inherit=True)
        exec(code, module.__dict__)
