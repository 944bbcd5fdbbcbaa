"""Calibration: the model, the data and the numbers."""

from refusal import Refusal

from qfx.training.data import TrainingError

TITLE = "Calibration: `qfx.calibrate`"
PAGE = "training"
CASES = (
    Refusal(
        "a float model",
        "qfx.calibrate(torch.nn.ReLU(), x)",
        TrainingError,
        "ReLU has no quantizers to calibrate: make it a qfx model first, with qfx.convert(model)",
    ),
    Refusal(
        "a method of another name",
        "qfx.calibrate(fresh(), x, method='best')",
        TrainingError,
        "method 'best' is not one of mse, mae, percentile, max",
    ),
    Refusal(
        "none of the magnitudes",
        "qfx.calibrate(fresh(), x, percentile=0)",
        TrainingError,
        "percentile must be a number above 0 and at most 100, not 0",
    ),
    Refusal(
        "more than all magnitudes",
        "qfx.calibrate(fresh(), x, percentile=101)",
        TrainingError,
        "percentile must be a number above 0 and at most 100, not 101",
    ),
    Refusal(
        "a word for compensation",
        "qfx.calibrate(fresh(), x, compensate='gptq')",
        TrainingError,
        "compensate must be True or False, not 'gptq'",
    ),
    Refusal(
        "compensation without weights",
        "qfx.calibrate(nn.Sequential(nn.Quantizer(8), nn.ReLU()), x, compensate=True)",
        TrainingError,
        "compensate=True, but no Linear and no convolution has weights to choose: leave it out",
    ),
    Refusal(
        "no samples",
        "qfx.calibrate(fresh(), x, samples=0)",
        TrainingError,
        "samples must be a whole number, at least 1, not 0",
    ),
    Refusal(
        "NaN",
        "qfx.calibrate(fresh(), np.where(x == x[3, 2], np.nan, x))",
        TrainingError,
        "x of the calibration data holds nan at index (3, 2): clean the data first",
    ),
    Refusal(
        "NaN in a Dataset",
        "qfx.calibrate(fresh(), torch.utils.data.TensorDataset(torch.full((3, 16), float('nan'))))",
        TrainingError,
        "item 0 of the calibration data holds nan at index (0,): clean the data first",
    ),
    Refusal(
        "empty data",
        "qfx.calibrate(fresh(), x[:0])",
        TrainingError,
        "the calibration data has 0 samples of x: give as many of each, at least one",
    ),
    Refusal(
        "an empty Dataset",
        "qfx.calibrate(fresh(), torch.utils.data.TensorDataset(torch.zeros(0, 16)))",
        TrainingError,
        "the calibration data holds nothing: give at least one sample",
    ),
    Refusal(
        "samples of another size",
        "qfx.calibrate(fresh(), x[:, :15])",
        TrainingError,
        "batch 0 of the calibration data, x of shape (40, 15), does not pass through the model (…):"
        " compare a sample's shape with the first layer",
    ),
    Refusal(
        "a single number",
        "qfx.calibrate(fresh(), 3.0)",
        TrainingError,
        "x of the calibration data, of shape (), is no batch of samples: give (samples, ...), as"
        " x[None] is of one sample and x[:, None] of single numbers",
    ),
    Refusal(
        "a file's name",
        "qfx.calibrate(fresh(), 'x.npy')",
        TrainingError,
        "the calibration data must be arrays, not the text 'x.npy': read the file first",
    ),
)
