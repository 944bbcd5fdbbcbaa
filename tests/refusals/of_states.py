"""States of a model: numbers that are not finite, edits, binary points nobody fitted, sharing."""

from refusal import Refusal

from qfx.errors import ArgumentError
from qfx.frontends import ConvertError
from qfx.nn import LoweringError
from qfx.nn.file import ModelFileError
from qfx.training import TrainingError

_DIVERGED = "m := fresh(), m[1].weight.data[2, 3].fill_(torch.inf)"
_HOLDS = (
    "1.weight holds inf at [2, 3]: the training diverged, so take a state from before, and a lower"
    " learning rate"
)
_TIED = "m := nn.Sequential(nn.Quantizer(8), nn.Linear(4, 4), nn.Linear(4, 4))"
_EDITED = "m := as_built(fresh()), m[1].weight.data.add_(2)"
_CUT = (
    "1.weight is of shape (2, 16) now, and the layer was made with (4, 16): build the model anew"
    " with the sizes it is to have"
)
_ONE_PARAMETER = (
    "1.weight and 2.weight are one parameter, but what learns stands in one place, as hardware"
    " would have to hold it twice: give each its own, torch.nn.Parameter(weight.detach().clone())"
)
_WAS_CHANGED = (
    "Linear at 1 was changed after it was frozen (64 of 64 weight integers differ): call"
    " model.freeze() to take its parameters as they are now"
)
_NEVER_FITTED = (
    "call qfx.calibrate(model, x) with samples x, or train the model, or give the Quantizer its"
    " fraction_bits"
)

TITLE = "States of a model: diverged, edited, not fitted, shared"
PAGE = "training"
CASES = (
    Refusal("infinity, frozen", f"[{_DIVERGED}, m.freeze()]", LoweringError, _HOLDS),
    Refusal("infinity, calibrated", f"[{_DIVERGED}, qfx.calibrate(m, x)]", TrainingError, _HOLDS),
    Refusal("infinity, trained", f"[{_DIVERGED}, qfx.train(m, (x, y))]", TrainingError, _HOLDS),
    Refusal(
        "infinity, saved", f"[{_DIVERGED}, qfx.save(m, 'm.safetensors')]", ModelFileError, _HOLDS
    ),
    Refusal(
        "weights cut to fewer outputs",
        "[m := as_built(fresh()), setattr(m[1], 'weight', torch.nn.Parameter(m[1].weight[:2])),"
        " m.freeze()]",
        LoweringError,
        _CUT,
    ),
    Refusal(
        "weights cut since it was frozen",
        "[m := as_built(fresh()), setattr(m[1], 'weight', torch.nn.Parameter(m[1].weight[:2])),"
        " qfx.lower(m, (16,))]",
        LoweringError,
        _CUT,
    ),
    Refusal(
        "infinity since it was frozen",
        "[m := as_built(fresh()), m[1].weight.data[2, 3].fill_(torch.inf), qfx.lower(m, (16,))]",
        LoweringError,
        _HOLDS,
    ),
    Refusal(
        "NaN, loaded",
        "qfx.load('diverged.safetensors')",
        ModelFileError,
        "diverged.safetensors: 2.bias holds nan at [5]: the training diverged, so take a state from"
        " before, and a lower learning rate",
    ),
    Refusal(
        "NaN in a float model's statistics",
        "[m := torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3)),"
        " m[1].running_var[1].fill_(torch.nan), qfx.convert(m)]",
        ConvertError,
        "1.running_var holds nan at [1]: the training diverged, so take a state from before, and a"
        " lower learning rate",
    ),
    Refusal(
        "a variance below 0",
        "[m := nn.Sequential(nn.Quantizer(8, 4), nn.Linear(4, 3), nn.BatchNorm1d(3, fold=True)),"
        " m[2].running_var[1].fill_(-1), as_built(m)]",
        LoweringError,
        "Linear at 1 makes nan at [1, 0] of parameters and statistics that are finite: look for a"
        " variance below 0, or for numbers beyond those of float32",
    ),
    Refusal(
        "products beyond float32",
        "[m := nn.Sequential(nn.Quantizer(8), nn.Linear(16, 8, bias=False)),"
        " m[1].weight.data.fill_(1e9), qfx.calibrate(m, 1e32 * x)]",
        TrainingError,
        "what passes 1.output holds …, though data and parameters are finite: look at the weights"
        " before it, whose products grow beyond float32",
    ),
    Refusal(
        "a model that nothing was fitted to",
        "nn.Sequential(nn.Quantizer(8), nn.Linear(4, 3)).freeze()",
        LoweringError,
        f"the binary point of 0 (and of 3 more) was never fitted to any numbers: {_NEVER_FITTED}",
    ),
    Refusal(
        "one quantizer that nothing was fitted to",
        "nn.Sequential(nn.Quantizer(8, 4), nn.ReLU(nn.Quantizer(6, signed=False))).freeze()",
        LoweringError,
        f"the binary point of 1.output was never fitted to any numbers: {_NEVER_FITTED}",
    ),
    Refusal(
        "a weight edited since, lowered",
        f"[{_EDITED}, qfx.lower(m, (16,))]",
        LoweringError,
        _WAS_CHANGED,
    ),
    Refusal(
        "a weight edited since, exported",
        f"[{_EDITED}, qfx.export(m, 'new', samples=x)]",
        LoweringError,
        _WAS_CHANGED,
    ),
    Refusal(
        "a weight edited since, saved",
        f"[{_EDITED}, qfx.save(m, 'm.safetensors')]",
        ModelFileError,
        _WAS_CHANGED,
    ),
    Refusal(
        "a layer twice",
        "[fc := nn.Linear(4, 4), nn.Sequential(nn.Quantizer(8), fc, nn.ReLU(), fc)]",
        ArgumentError,
        "1 and 3 are one Linear, but what learns stands in one place, as hardware would have to"
        " hold it twice: make two of it",
    ),
    Refusal(
        "a quantizer for two layers",
        "[q := nn.Quantizer(6), nn.Sequential(nn.Linear(4, 4, weight=q), nn.ReLU(q))]",
        ArgumentError,
        "0.weight_quantizer and 1.output are one Quantizer, but what learns stands in one place, as"
        " hardware would have to hold it twice: make two of it",
    ),
    Refusal(
        "a block as its own shortcut",
        "[fc := nn.Linear(4, 4), nn.Residual(fc, fc)]",
        ArgumentError,
        "body and shortcut are one Linear, but what learns stands in one place, as hardware would"
        " have to hold it twice: make two of it",
    ),
    Refusal(
        "tied weights, trained",
        f"[{_TIED}, setattr(m[2], 'weight', m[1].weight), qfx.train(m, (x[:, :4], y))]",
        TrainingError,
        _ONE_PARAMETER,
    ),
    Refusal(
        "tied weights, frozen",
        f"[{_TIED}, setattr(m[2], 'weight', m[1].weight), m.freeze()]",
        LoweringError,
        _ONE_PARAMETER,
    ),
    Refusal(
        "tied weights of a float model",
        "[m := torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Linear(4, 4)), setattr(m[1],"
        " 'weight', m[0].weight), qfx.convert(m)]",
        ConvertError,
        "0 and 1 have the same weights, which hardware would have to hold twice: give each its own,"
        " torch.nn.Parameter(weight.detach().clone())",
    ),
    Refusal(
        "a pruned float model",
        "[m := torch.nn.Sequential(torch.nn.Linear(4, 4)),"
        " torch.nn.utils.prune.l1_unstructured(m[0], 'weight', 0.5), qfx.convert(m)]",
        ConvertError,
        "0 (Linear) computes its weight of others before each call, which is not followed: make it"
        " plain first, torch.nn.utils.prune.remove(layer, 'weight')",
    ),
    Refusal(
        "compensation under a mask",
        "[m := fresh(), torch.nn.utils.prune.l1_unstructured(m[1], 'weight', 0.5), qfx.calibrate(m,"
        " x, compensate=True)]",
        TrainingError,
        "compensate=True replaces weights, and that of 1 is computed of others: make it plain"
        " first, torch.nn.utils.prune.remove(layer, 'weight')",
    ),
    Refusal(
        "a hook",
        "[m := as_built(fresh()), m[1].register_forward_hook(print), qfx.lower(m, (16,))]",
        LoweringError,
        "1 (Linear) has hooks, which may change what it computes: take them away first, by the"
        " remove() of what register_forward_hook gave",
    ),
    Refusal(
        "a buffer of one's own, saved",
        "[m := as_built(fresh()), m[1].register_buffer('ages', torch.zeros(3)), qfx.save(m,"
        " 'm.safetensors')]",
        ModelFileError,
        "1.ages is not what a Linear is made with, so load could not put it back: keep it"
        " elsewhere, or write a qfx.nn.Layer of your own that has it",
    ),
)
