"""Where files lie: one small layer over `pyarrow.fs`.

Everything in landing opens, lists, moves and deletes through here, so a folder
on S3 (`s3://bucket/prefix`) is another file system and not other code. The few
things in which file systems really differ stand in this module only: hard links
and symbolic links exist locally, and moving a folder is one rename locally and
a copy of each object elsewhere.
"""

from __future__ import annotations

import gzip
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pyarrow import fs

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Location:
    """A file or folder on a file system."""

    filesystem: fs.FileSystem
    path: str

    def __truediv__(self, name: str) -> Location:
        return Location(self.filesystem, f"{self.path.rstrip('/')}/{name}")

    def __str__(self) -> str:
        return self.path

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rstrip("/").rsplit("/", 1)[-1]

    @property
    def is_local(self) -> bool:
        """Whether the operating system's own file calls reach it."""
        return isinstance(self.filesystem, fs.LocalFileSystem)

    @property
    def is_packed(self) -> bool:
        """Whether what is read differs from the bytes that lie there."""
        return False

    @contextmanager
    def open(self) -> Iterator[IO[bytes] | gzip.GzipFile]:
        """The contents as a stream."""
        with self.filesystem.open_input_stream(self.path, compression=None) as stream:
            yield stream

    def info(self) -> fs.FileInfo:
        """Kind, size and time of last change; a missing file is `FileType.NotFound`."""
        return self.filesystem.get_file_info(self.path)

    def exists(self) -> bool:
        """Whether a file or folder is there."""
        return self.info().type != fs.FileType.NotFound

    def entries(self, *, recursive: bool = False) -> list[fs.FileInfo]:
        """What lies in the folder, by name; nothing when there is no folder."""
        selector = fs.FileSelector(self.path, allow_not_found=True, recursive=recursive)
        infos = self.filesystem.get_file_info(selector)
        return sorted(infos, key=lambda info: info.path)

    def is_link(self) -> bool:
        """Whether it is a symbolic link, which only a local folder can hold."""
        return self.is_local and Path(self.path).is_symlink()

    def read_bytes(self) -> bytes:
        """Contents of a small file."""
        with self.filesystem.open_input_stream(self.path) as stream:
            return stream.read()

    def write_bytes(self, contents: bytes) -> None:
        """Write a small file so that it is there whole or not at all."""
        self.parent().create()
        partial = Location(self.filesystem, f"{self.path}.partial")
        with self.filesystem.open_output_stream(partial.path, compression=None) as stream:
            stream.write(contents)
        self.filesystem.move(partial.path, self.path)

    def parent(self) -> Location:
        """The folder that holds it."""
        return Location(self.filesystem, self.path.rstrip("/").rpartition("/")[0])

    def create(self) -> None:
        """Make the folder and those above it."""
        self.filesystem.create_dir(self.path, recursive=True)

    def remove(self) -> None:
        """Delete the folder with everything in it, if it is there."""
        if self.exists():
            self.filesystem.delete_dir(self.path)


@dataclass(frozen=True)
class Packed(Location):
    """The one file inside a compressed one: a member of a zip archive, or all of a gzip file.

    What is read and what it is called is what is inside; place, size and time are those
    of the compressed file.
    """

    member: str | None = None

    @property
    def name(self) -> str:
        """Name of the file inside, without folders."""
        outer = super().name
        return self.member.rsplit("/", 1)[-1] if self.member else outer[: -len(".gz")]

    @property
    def is_packed(self) -> bool:
        """Whether what is read differs from the bytes that lie there."""
        return True

    @contextmanager
    def open(self) -> Iterator[IO[bytes] | gzip.GzipFile]:
        """The contents as a stream, unpacked on the way; OSError when they are damaged."""
        try:
            with self.filesystem.open_input_file(self.path) as outer:
                if self.member is None and outer.read(2) != _GZIP:
                    # Browsers unpack what they download, and leave the name.
                    outer.seek(0)
                    yield outer
                elif self.member is None:
                    outer.seek(0)
                    with gzip.GzipFile(fileobj=outer) as stream:
                        yield stream
                else:
                    with zipfile.ZipFile(outer) as archive, archive.open(self.member) as stream:
                        yield stream
        except (
            EOFError,
            zlib.error,
            zipfile.BadZipFile,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise OSError(f"it cannot be unpacked ({error})") from error


def zip_members(location: Location) -> list[str] | None:
    """Names of the files in a zip archive, without what only a system reads; None if it is none."""
    try:
        with (
            location.filesystem.open_input_file(location.path) as outer,
            zipfile.ZipFile(outer) as archive,
        ):
            return [
                info.filename
                for info in archive.infolist()
                if not info.is_dir()
                and not info.filename.startswith("__MACOSX/")
                and not info.filename.rsplit("/", 1)[-1].startswith(".")
            ]
    except (OSError, zipfile.BadZipFile):
        return None


def locate(place: Location | Path | str) -> Location:
    """Find the file system of a path or URI."""
    if isinstance(place, Location):
        return place
    text = str(place)
    if "://" in text:
        return Location(*fs.FileSystem.from_uri(text))
    return Location(fs.LocalFileSystem(), str(Path(text).absolute()))


def move_folder(source: Location, target: Location) -> None:
    """Put `source` where `target` is, in place of what was there.

    Locally that is one rename. Elsewhere each object is copied first and the
    source goes last, so that a move which was cut off can simply be done again.
    """
    target.remove()
    target.parent().create()
    if source.is_local:
        source.filesystem.move(source.path, target.path)
        return
    target.create()
    for info in source.entries(recursive=True):
        if info.type == fs.FileType.File:
            inside = info.path[len(source.path.rstrip("/")) + 1 :]
            copied = target / inside
            copied.parent().create()
            source.filesystem.copy_file(info.path, copied.path)
    source.remove()


def link_or_copy(source: Location, target: Location) -> None:
    """Make the same contents available at `target` without reading them as records."""
    target.parent().create()
    if source.is_local:
        try:
            os.link(source.path, target.path)
            return
        except OSError:
            # Some local file systems know no hard links; a copy is as right.
            pass
    source.filesystem.copy_file(source.path, target.path)
