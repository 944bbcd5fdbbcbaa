"""Tensors that torch computes of others before each forward: pruned, or with a normalized weight.

To a layer such a tensor is its weight; to a file it is baked into one.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.prune import BasePruningMethod
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

# Hooks that set a tensor before each forward, and what they call it: torch.nn.utils.prune,
# and weight_norm and spectral_norm as they were before torch.nn.utils.parametrizations.
Hook = BasePruningMethod | WeightNorm | SpectralNorm


def _hooks(
    module: nn.Module,
) -> Iterator[tuple[str, Hook]]:
    for hook in module._forward_pre_hooks.values():
        if isinstance(hook, Hook):
            name = hook._tensor_name if isinstance(hook, BasePruningMethod) else hook.name
            yield name, hook


def derived(module: nn.Module) -> dict[str, str]:
    """Return the tensors of a module that are computed of others, with the call that makes each
    plain.
    """
    found = {}
    for name, hook in _hooks(module):
        call = {WeightNorm: "remove_weight_norm", SpectralNorm: "remove_spectral_norm"}
        found[name] = f"torch.nn.utils.{call.get(type(hook), 'prune.remove')}(layer, {name!r})"
    if parametrize.is_parametrized(module):
        assert isinstance(module.parametrizations, nn.ModuleDict)
        for name in module.parametrizations:
            remove = "torch.nn.utils.parametrize.remove_parametrizations"
            found[name] = f"{remove}(layer, {name!r})"
    return found


@torch.no_grad()
def refresh(module: nn.Module) -> None:
    """Compute such tensors of what they are computed of now: they are as of the last forward."""
    for _, hook in _hooks(module):
        hook(module, None)


def foreign_hooks(module: nn.Module) -> bool:
    """Tell whether hooks of another kind may change what the module computes."""
    known = len(list(_hooks(module)))
    return len(module._forward_pre_hooks) > known or bool(module._forward_hooks)


def drop_foreign_hooks(module: nn.Module) -> None:
    """Let nothing look at what the module computes: for a copy that is tried."""
    module._forward_hooks.clear()
    for key, hook in list(module._forward_pre_hooks.items()):
        if not isinstance(hook, Hook):
            del module._forward_pre_hooks[key]


def plain_tensors(module: nn.Module) -> dict[str, Tensor]:
    """Return the module's own parameters and persistent buffers, those computed of others among
    them, but not what these are computed of.
    """
    refresh(module)
    names = derived(module)
    own = {**module._parameters, **module._buffers}
    parts = [f"{name}_{part}" for name in names for part in ("orig", "mask", "g", "v", "u")]
    kept = {
        name: tensor
        for name, tensor in own.items()
        if tensor is not None
        and name not in module._non_persistent_buffers_set
        and name not in parts
    }
    return kept | {name: getattr(module, name) for name in names}
