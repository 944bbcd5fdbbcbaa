"""One training run: the phases, and what is best so far."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from qfx.buildable import require_buildable
from qfx.foreign import ConvertError
from qfx.nn import Layer, LoweringError
from qfx.nn.bypass import bypassed, quantizers
from qfx.training.calibration import observe
from qfx.training.checks import misfit
from qfx.training.data import Data
from qfx.training.history import Epoch, History
from qfx.training.meter import Meter
from qfx.training.progress import TrainingProgress
from qfx.training.projection import Approach
from qfx.training.selection import Selection
from qfx.training.tensors import TrainingError, operands

Loss = Callable[[Any, Any], Tensor]  # of the output, or a tuple of outputs, and y


class Run:
    """One training run: the phases, and what is best so far."""

    def __init__(
        self,
        model: Layer,
        loss: Loss,
        selection: Selection,
        fabric: Fabric,
        optimizer: torch.optim.Optimizer,
        approach: Approach,
        steps: int,
        batches: Data,
        val_batches: Data,
        shown: TrainingProgress,
    ) -> None:
        self.model, self.loss, self.fabric = model, loss, fabric
        self.batches, self.val_batches, self.shown = batches, val_batches, shown
        self.approach, self.selection = approach, selection
        self.history = History(selected_by=selection.name)
        self.calibrated = False
        self.fits = True  # False once the first epoch could not be ended
        self.diverged = False  # whether a loss was not finite
        self.best_state: dict[str, Tensor] | None = None
        self.best_score = (math.inf, math.inf)
        self.forward: Any
        self.optimizer: Any
        self.forward, self.optimizer = fabric.setup(model, optimizer)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
        )

    @torch.no_grad()
    def try_validation(self) -> None:
        """Let one batch pass, and lower the model, before hours of training: in float, leaving the
        model and the random numbers as they are.
        """
        self.model.eval()
        with torch.random.fork_rng(devices=[]), bypassed(self.model):
            x, y = next(iter(self.val_batches))
            output, y, _ = self.passed(self.model, self.val_batches, 0, x, y)
        self.selection.require(output, y)
        require_buildable(self.model, [tuple(each.shape[1:]) for each in operands(x)])

    def failed(self) -> None:
        """Leave alone, after an error, a model that has not even passed an epoch, unless it was the
        training that went astray.
        """
        self.fits = bool(self.history.epochs) or self.diverged

    def phases(self, epochs: int, first_quantized: int, freeze_at: float) -> None:
        """All epochs: in float, then with binary points learned, then with them fixed."""
        first_frozen = first_quantized + int((epochs - first_quantized) * freeze_at)
        for index in range(epochs):
            if index == first_quantized:
                observe(self.model, self.batches, self.fabric.device, what=self.batches.what)
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
        """Make one pass over the training data, then the figures of the validation data."""
        self.model.train()
        meter = Meter()
        for step, (x, y) in enumerate(self.batches):
            if phase != "float":
                self.approach.step()
            output, y, value = self.passed(self.forward, self.batches, step, x, y)
            self.require_finite(value, "loss", number, step)
            self.optimizer.zero_grad()
            self.fabric.backward(value)
            self.optimizer.step()
            self.schedule.step()
            meter.add(output, y, value)
            self.shown.batch(phase)
        val = self.evaluate(number)
        points = {name: q.dtype.fraction_bits for name, q in quantizers(self.model).items()}
        return Epoch(
            number,
            phase,
            meter.loss,
            meter.accuracy,
            val.loss,
            val.accuracy,
            points,
            self.selection.measured(val, number),
        )

    def passed(
        self, forward: Callable[..., Any], data: Data, step: int, x: Any, y: Any
    ) -> tuple[Any, Any, Tensor]:
        """Return the output for a batch, y beside it, and their loss.

        Raises:
            TrainingError: they do not fit together, or the loss is no number.
        """
        x, y = self.fabric.to_device((x, y))
        try:
            output = forward(*operands(x))
            value = self.loss(output, y)
        except (TrainingError, ConvertError, LoweringError, torch.OutOfMemoryError):
            raise
        except (RuntimeError, ValueError, IndexError) as error:
            raise misfit(data.what, step, x, y, error) from error
        if not isinstance(value, Tensor) or value.numel() != 1:
            found = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
            raise TrainingError(f"the loss gives {found}, not one number in a tensor: average it")
        if torch.is_grad_enabled() and not value.requires_grad:
            raise TrainingError(
                "the loss does not depend on what learns: compute it of the output in torch alone,"
                " without detach(), item(), numpy() and argmax(), and let the model's parameters"
                " have requires_grad"
            )
        return output, y, value

    @torch.no_grad()
    def evaluate(self, number: int) -> Meter:
        """Measure the figures of the validation data."""
        self.model.eval()
        meter = Meter(keeps=self.selection.metric is not None)
        for step, (x, y) in enumerate(self.val_batches):
            output, y, value = self.passed(self.model, self.val_batches, step, x, y)
            self.require_finite(value, "validation loss", number, step)
            meter.add(output, y, value)
        return meter

    def require_finite(self, value: Tensor, what: str, number: int, step: int) -> None:
        """Raise TrainingError for a loss that no step can be taken from, or no epoch chosen by."""
        if not torch.isfinite(value).all():
            self.diverged = True
            raise TrainingError(
                f"the {what} became {value.item()} in epoch {number}, batch {step}, on finite"
                " data: lower learning_rate or scale the data; the model keeps its best so far"
            )

    def keep(self, epoch: Epoch) -> None:
        """Record the epoch; remember its weights when it is the best quantized one."""
        self.history.epochs.append(epoch)
        self.history.selected_by = self.selection.by(epoch)
        score = self.selection.score(epoch)
        if epoch.phase != "float" and score < self.best_score:
            self.best_score, self.history.best = score, len(self.history.epochs) - 1
            self.best_state = copy.deepcopy(self.model.state_dict())

    def finish(self) -> None:
        """Leave, whatever happened, a model that can be used: the best weights, frozen."""
        if self.best_state is not None:
            self.model.load_state_dict(self.best_state)
        elif self.fits and not self.calibrated:
            with self._unless_diverged():
                observe(self.model, self.batches, self.fabric.device, what=self.batches.what)
        for quantizer in quantizers(self.model).values():
            quantizer.binary_point.requires_grad_(quantizer.learned)
            quantizer.real_step = False
        self.approach.finish()
        self.model.zero_grad(set_to_none=True)
        self.model.cpu().eval()
        if self.fits:
            with self._unless_diverged():
                self.model.freeze()

    def _unless_diverged(self) -> AbstractContextManager[None]:
        """Numbers that are not finite have no integers; that they came about is said already."""
        return suppress(TrainingError, LoweringError) if self.diverged else nullcontext()
