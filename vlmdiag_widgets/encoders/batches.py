"""Forward passes in batches that shrink when memory runs out."""

from __future__ import annotations

from collections.abc import Callable

import torch

from vlmdiag_widgets._errors import DeviceError


def is_out_of_memory(error: RuntimeError) -> bool:
    """Return whether a device or the CPU allocator ran out of memory."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


class BatchSize:
    """The largest batch that has worked; halved each time memory runs out."""

    def __init__(self, size: int) -> None:
        self.size = size

    def run(
        self, forward: Callable[[torch.Tensor], torch.Tensor], batch: torch.Tensor
    ) -> torch.Tensor:
        """Run `forward` over `batch` in pieces that fit.

        Parameters
        ----------
        forward : callable
            (b, ...) tensor → (b, d) tensor.
        batch : tensor, shape (n, ...)

        Returns
        -------
        tensor, shape (n, d)

        Raises
        ------
        DeviceError
            Not even one item fits.
        """
        pieces: list[torch.Tensor] = []
        start = 0
        while start < len(batch):
            piece = batch[start : start + self.size]
            result = self._try(forward, piece)
            if result is not None:
                pieces.append(result)
                start += len(piece)
        return torch.cat(pieces)

    def _try(
        self, forward: Callable[[torch.Tensor], torch.Tensor], piece: torch.Tensor
    ) -> torch.Tensor | None:
        try:
            return forward(piece)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            self._shrink(len(piece), error)
        # Outside the handler: the exception's traceback holds the failed tensors alive.
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return None

    def _shrink(self, failed: int, error: RuntimeError) -> None:
        if failed <= 1:
            raise DeviceError(
                "The device ran out of memory with a single item.",
                "Close other programs that use it, or choose a smaller model or device='cpu'.",
            ) from error
        self.size = max(1, failed // 2)
