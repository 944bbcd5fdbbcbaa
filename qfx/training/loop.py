"""The training loop: float warm-up, calibrate, learn weights and binary points together, freeze the
points, end exact.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from qfx.nn import Layer, LoweringError
from qfx.nn.bypass import bypassed, quantizers
from qfx.nn.origin import ConvertError
from qfx.training.calibration import observe
from qfx.training.checks import (
    check_counts,
    check_model,
    check_rates,
    check_shares,
    make_fabric,
    misfit,
    squared_error,
)
from qfx.training.data import (
    Batches,
    TrainingError,
    count_batches,
    operands,
    require_finite,
    to_batches,
)
from qfx.training.history import Epoch, History
from qfx.training.meter import Meter
from qfx.training.progress import TrainingProgress
from qfx.training.projection import PROJECTIONS, Approach, Projection

Loss = Callable[[Any, Any], Tensor]  # of the output, or a tuple of outputs, and y

_LOSSES: dict[str, Loss] = {
    "classification": nn.functional.cross_entropy,
    "regression": squared_error,
}


def train(
    model: Layer,
    train_data: Any,
    val_data: Any = None,
    *,
    epochs: int = 30,
    batch_size: int = 128,
    loss: str | Loss = "classification",
    learning_rate: float = 2e-3,
    binary_point_learning_rate: float = 1e-2,
    weight_decay: float = 0.0,
    warmup: float = 0.25,
    freeze_at: float = 0.5,
    projection: Projection = "gradual",
    seed: int = 0,
    device: str = "auto",
    progress: bool = True,
) -> History:
    """Train a qfx model and leave it frozen, in evaluation mode, with the best weights seen.

    Args:
        model: a qfx layer, trained in place. On a CPU convolutions take two thirds of the time
            where it and x are in torch.channels_last.
        train_data, val_data: (x, y) arrays, a Dataset or a DataLoader. Without val_data the
            training data selects. x of several inputs is a tuple of arrays; so may y be of several
            outputs.
        epochs: passes over the training data, all phases together.
        batch_size: for arrays and Datasets.
        loss: "classification" (cross entropy on class numbers), "regression" (mean squared error)
            or a callable of output and y; of several outputs of a tuple of them and y.
        learning_rate: Adam's, for weights and biases; it follows a cosine to zero.
        binary_point_learning_rate: Adam's, for binary points, in bits.
        weight_decay: for weights and biases.
        warmup: share of the epochs trained in float before calibration; 0 to continue with a
            trained model, 1 to quantize only once, at the end.
        freeze_at: share of the quantized epochs in which binary points are learned, the step of a
            grid being any real number; then each is snapped to a power of two and stays, and the
            rest trains the weights for it. 1 leaves the weights no epoch on the final grid.
        projection: how K-hot parameters come to their codes: "gradual", or "straight_through" from
            the first quantized step on.
        seed: fixes shuffling and dropout; the model's own initialisation is the caller's.
        device: "auto", "cpu", "cuda", ...: an accelerator of Lightning Fabric.
        progress: whether to show it.

    Returns:
        The history; `interrupted` is set when Ctrl-C ended it, and the model has the best weights
        so far.

    Raises:
        ConvertError: a twin that computes something else than the model it was converted from.
        TrainingError: a float model, bad data or arguments, or a loss that is not finite (the model
            keeps its best).
    """
    check_model(model)
    check_counts(epochs=epochs, batch_size=batch_size)
    check_rates(
        learning_rate=learning_rate,
        binary_point_learning_rate=binary_point_learning_rate,
        weight_decay=weight_decay,
    )
    check_shares(warmup=warmup, freeze_at=freeze_at)
    if isinstance(loss, str) and loss not in _LOSSES:
        raise TrainingError(
            f"loss {loss!r} is not one of {', '.join(_LOSSES)}: name one of them or pass a callable"
        )
    if isinstance(loss, str) and model.output_count > 1:
        raise TrainingError(
            f"loss {loss!r} compares one output with y, and the model gives {model.output_count}:"
            " pass a callable of the tuple of outputs and y"
        )
    if projection not in PROJECTIONS:
        raise TrainingError(f"projection {projection!r} is not one of {', '.join(PROJECTIONS)}")
    classes = loss == "classification" if isinstance(loss, str) else None
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        ports = (model.input_count, model.output_count)
        batches = to_batches(train_data, batch_size, generator, classes, *ports)
        validated = train_data if val_data is None else val_data
        val_batches = to_batches(validated, 1024, None, classes, *ports)
        fabric = make_fabric(device)
        steps = epochs * count_batches(batches)
        first_quantized = int(epochs * warmup)
        quantized_steps = (epochs - first_quantized) * count_batches(batches)
        with TrainingProgress(epochs, count_batches(batches), progress) as shown:
            run = _Run(
                model=model,
                loss=_LOSSES[loss] if isinstance(loss, str) else loss,
                fabric=fabric,
                optimizer=_optimizer(
                    model, learning_rate, binary_point_learning_rate, weight_decay
                ),
                approach=Approach(model, projection, quantized_steps),
                steps=steps,
                batches=batches,
                val_batches=val_batches,
                shown=shown,
            )
            try:
                run.phases(epochs, first_quantized, freeze_at)
            except KeyboardInterrupt:
                run.history.interrupted = True
            except ConvertError:
                run.fits = False
                raise
            except (RuntimeError, ValueError, IndexError) as error:
                if run.history.epochs or isinstance(error, (TrainingError, LoweringError)):
                    raise
                run.fits = False
                raise TrainingError(misfit(batches, error)) from error
            finally:
                run.finish()
    return run.history


def _optimizer(
    model: Layer, learning_rate: float, binary_point_learning_rate: float, weight_decay: float
) -> torch.optim.Optimizer:
    points = [q.binary_point for q in quantizers(model).values()]
    weights = [p for n, p in model.named_parameters() if not n.endswith("binary_point")]
    return torch.optim.Adam(
        [
            {"params": weights, "lr": learning_rate, "weight_decay": weight_decay},
            {"params": points, "lr": binary_point_learning_rate},
        ]
    )


class _Run:
    """One training run: the phases, and what is best so far."""

    def __init__(
        self,
        model: Layer,
        loss: Loss,
        fabric: Fabric,
        optimizer: torch.optim.Optimizer,
        approach: Approach,
        steps: int,
        batches: Batches,
        val_batches: Batches,
        shown: TrainingProgress,
    ) -> None:
        self.model, self.loss, self.fabric = model, loss, fabric
        self.batches, self.val_batches, self.shown = batches, val_batches, shown
        self.approach = approach
        self.history = History()
        self.calibrated = False
        self.fits = True  # False once the data did not pass through the model
        self.best_state: dict[str, Tensor] | None = None
        self.best_score = (math.inf, math.inf)
        self.forward: Any
        self.optimizer: Any
        self.forward, self.optimizer = fabric.setup(model, optimizer)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
        )

    def phases(self, epochs: int, first_quantized: int, freeze_at: float) -> None:
        """All epochs: in float, then with binary points learned, then with them fixed."""
        first_frozen = first_quantized + int((epochs - first_quantized) * freeze_at)
        for index in range(epochs):
            if index == first_quantized:
                observe(self.model, self.batches, self.fabric.device)
                self.calibrated = True
            quantized = "learn" if index < first_frozen else "freeze"
            phase = "float" if index < first_quantized else quantized
            self._set_points(learn=phase == "learn")
            with bypassed(self.model) if phase == "float" else nullcontext():
                epoch = self.epoch(index + 1, phase)
            self.keep(epoch)
            self.shown.epoch(epoch)

    def _set_points(self, learn: bool) -> None:
        """Let the steps of the grids be real numbers and learn; or snap them, and keep them."""
        for quantizer in quantizers(self.model).values():
            learned = learn and quantizer.learned
            if quantizer.real_step and not learned:
                quantizer.binary_point.data.round_()
            quantizer.real_step = learned
            quantizer.binary_point.requires_grad_(learned)
            quantizer.binary_point.grad = None

    def epoch(self, number: int, phase: str) -> Epoch:
        """One pass over the training data, then the figures of the validation data."""
        self.model.train()
        meter = Meter()
        for step, (x, y) in enumerate(self.batches):
            x, y = self.fabric.to_device((x, y))
            if phase != "float":
                self.approach.step()
            output = self.forward(*operands(x))
            value = self.loss(output, y)
            if not torch.isfinite(value):
                require_finite(x, f"batch {step} of epoch {number}")
                raise TrainingError(
                    f"the loss became {value.item()} in epoch {number}, batch {step}, on finite"
                    " data: lower learning_rate or scale the data; the model keeps its best so far"
                )
            self.optimizer.zero_grad()
            self.fabric.backward(value)
            self.optimizer.step()
            self.schedule.step()
            meter.add(output, y, value)
            self.shown.batch(phase)
        val = self.evaluate()
        points = {name: q.dtype.fraction_bits for name, q in quantizers(self.model).items()}
        return Epoch(number, phase, meter.loss, meter.accuracy, val.loss, val.accuracy, points)

    @torch.no_grad()
    def evaluate(self) -> Meter:
        self.model.eval()
        meter = Meter()
        for x, y in self.val_batches:
            x, y = self.fabric.to_device((x, y))
            output = self.model(*operands(x))
            meter.add(output, y, self.loss(output, y))
        return meter

    def keep(self, epoch: Epoch) -> None:
        """Record the epoch; remember its weights when it is the best quantized one."""
        self.history.epochs.append(epoch)
        score = (-(epoch.val_accuracy or 0.0), epoch.val_loss)
        if epoch.phase != "float" and score < self.best_score:
            self.best_score, self.history.best = score, len(self.history.epochs) - 1
            self.best_state = copy.deepcopy(self.model.state_dict())

    def finish(self) -> None:
        """Whatever happened, leave a model that can be used: the best weights, frozen."""
        if self.best_state is not None:
            self.model.load_state_dict(self.best_state)
        elif self.fits and not self.calibrated:
            observe(self.model, self.batches, self.fabric.device)
        for quantizer in quantizers(self.model).values():
            quantizer.binary_point.requires_grad_(quantizer.learned)
            quantizer.real_step = False
        self.approach.finish()
        self.model.zero_grad(set_to_none=True)
        self.model.cpu().eval()
        if self.fits:
            self.model.freeze()
