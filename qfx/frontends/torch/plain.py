"""What a model has to be before its calls can be followed, and in which mode they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import fx, nn

from qfx.foreign import ConvertError
from qfx.nn.derived import derived

FAILURES = (RuntimeError, ValueError, TypeError, AttributeError, LookupError, AssertionError,
             NameError, fx.proxy.TraceError)  # fmt: skip


@contextmanager
def evaluated(module: nn.Module) -> Iterator[None]:
    """Inside, every module is in evaluation mode, whose way through `forward` hardware takes."""
    modes = {each: each.training for each in module.modules()}
    module.eval()
    try:
        yield
    finally:
        for each, training in modes.items():
            each.training = training


def require_plain(root: nn.Module) -> None:
    """Raise ConvertError for a module that hooks or parametrizations make compute another thing
    than its class says.
    """
    for path, module in root.named_modules():
        name = type(module).__name__
        for tensor, call in derived(module).items():
            raise ConvertError(
                f"{path or 'the model'} ({name}) computes its {tensor} of others before each call,"
                f" which is not followed: make it plain first, {call}"
            )
        if "forward" in vars(module) and type(module).__module__.startswith("torch.nn"):
            raise ConvertError(
                f"{path or 'the model'} ({name}) has another forward than its class, put on the"
                " instance: make a class of your own with it"
            )
        if module._forward_pre_hooks or module._forward_hooks:
            raise ConvertError(
                f"{path or 'the model'} ({name}) has hooks, which may change what it computes and"
                " are not followed: remove them first, by the handle's remove()"
            )


def first_line(error: Exception) -> str:
    """Return the first line of what it says; its name where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
