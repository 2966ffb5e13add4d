"""Choose device and precision, and say clearly what is not there."""

from __future__ import annotations

import contextlib

import torch

from vlmdiag_widgets._errors import DeviceError, InputError

_DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}

#: Precisions an encoder can run in.
PRECISIONS = ("auto", "fp32", "bf16", "fp16")


def choose_device(device: str | torch.device = "auto") -> torch.device:
    """Return the device named; "auto" is the first CUDA GPU, else the CPU.

    Raises
    ------
    InputError
        The name is no device.
    DeviceError
        The device is not there.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError as error:
        raise InputError(
            f"The device {device!r} is not known.", "Use 'auto', 'cpu', 'cuda' or 'cuda:1'."
        ) from error
    _check_present(chosen)
    return chosen


def _check_present(device: torch.device) -> None:
    if device.type == "cuda" and not torch.cuda.is_available():
        raise DeviceError(
            f"The device {str(device)!r} was asked for, but PyTorch sees no CUDA GPU.",
            "Use device='cpu' or 'auto', or install a CUDA build of PyTorch and its driver.",
        )
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise DeviceError(
            f"The device {str(device)!r} was asked for, "
            f"but there are {torch.cuda.device_count()} GPUs, counted from 0.",
            "Use device='cuda' or 'auto'.",
        )
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise DeviceError("The device 'mps' is not available here.", "Use device='cpu'.")
    if device.type not in ("cpu", "cuda", "mps"):
        raise InputError(f"The device type {device.type!r} is not supported.", "Use cpu or cuda.")


def choose_precision(precision: str, device: torch.device) -> str:
    """Return "fp32", "bf16" or "fp16"; "auto" is the fast one the device computes well.

    Raises
    ------
    InputError
        The name is unknown, or half precision was asked for on a CPU.
    """
    if precision not in PRECISIONS:
        raise InputError(
            f"The precision {precision!r} is not known.", f"Use one of {', '.join(PRECISIONS)}."
        )
    if precision == "fp16" and device.type != "cuda":
        raise InputError("Precision 'fp16' needs a GPU.", "Use 'fp32' or 'auto' on a CPU.")
    if precision != "auto":
        return precision
    if device.type != "cuda":
        return "fp32"
    # GPUs before Ampere emulate bfloat16, which is slower than float32.
    return "bf16" if torch.cuda.get_device_capability(device)[0] >= 8 else "fp16"


def autocast(device: torch.device, precision: str) -> contextlib.AbstractContextManager[object]:
    """Return the context in which a forward pass runs in `precision`."""
    if precision == "fp32":
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=_DTYPES[precision])
