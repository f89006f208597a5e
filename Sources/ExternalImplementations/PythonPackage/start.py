# How an interpreter starts that has nothing of ours on its disk: python -c THIS MODULE ARGUMENTS...
#
# Standard input begins with eight hexadecimal digits and as many bytes of JSON, the sources of our
# package by the names of its modules. What follows in it is for the module, whose main function is
# called.
import importlib
import importlib.abc
import importlib.util
import json
import os
import sys


def received(count):
    parts = []
    while count:
        part = os.read(0, count)
        if not part:
            os._exit(0)
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


class Sources(importlib.abc.MetaPathFinder, importlib.abc.ExecutionLoader):
    def __init__(self, texts):
        self.texts = texts

    def find_spec(self, name, path=None, target=None):
        if name not in self.texts:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=self.is_package(name))

    def is_package(self, name):
        return "." not in name

    def get_source(self, name):
        return self.texts[name]

    def get_filename(self, name):
        # No file: what errors call the place.
        return f"softmax-audit:{name.replace('.', '/')}.py"


sys.meta_path.insert(0, Sources(json.loads(received(int(received(8), 16)))))
sys.argv[:] = sys.argv[1:]
sys.exit(importlib.import_module(sys.argv[0]).main(sys.argv[1:]))
