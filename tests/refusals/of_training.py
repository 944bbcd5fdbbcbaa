"""Training: the model, the data and the numbers."""

from refusal import Refusal

from qfx.training.data import TrainingError

_MISFIT = (
    "batches with x of shape {} and y of shape {} do not pass through the model and the loss (…):"
    " compare them with its first and last layer; classes are numbered from 0"
)

TITLE = "Training: `qfx.train`"
CASES = (
    Refusal(
        "a float model",
        "qfx.train(torch.nn.Sequential(torch.nn.Linear(16, 4), torch.nn.CELU()), (x, y))",
        TrainingError,
        "Sequential is a float torch model, which has no binary points to learn: convert it first,"
        " qfx.convert(model, input_shape=(1, 28, 28)) with the shape of one sample",
    ),
    Refusal(
        "no model",
        "qfx.train('mlp.safetensors', (x, y))",
        TrainingError,
        "str is not a torch module: build the model of qfx.nn layers",
    ),
    Refusal(
        "a way to codes of another name",
        "qfx.train(fresh(), (x, y), projection='hard')",
        TrainingError,
        "projection 'hard' is not one of gradual, straight_through",
    ),
    Refusal(
        "data without classes",
        "qfx.train(fresh(), x)",
        TrainingError,
        "data must be a pair of arrays (x, y), a torch Dataset or a DataLoader, not ndarray",
    ),
    Refusal(
        "a class missing",
        "qfx.train(fresh(), (x, y[:-1]))",
        TrainingError,
        "x has 40 samples and y has 39: give as many of both, at least one",
    ),
    Refusal(
        "NaN",
        "qfx.train(fresh(), (np.where(x == x[3, 2], np.nan, x), y))",
        TrainingError,
        "x holds nan at index (3, 2): clean the data first",
    ),
    Refusal(
        "words",
        "qfx.train(fresh(), (x, np.full(40, 'cat')))",
        TrainingError,
        "the data holds <U3, not numbers: read or encode it first",
    ),
    Refusal(
        "classes that are floats",
        "qfx.train(fresh(), (x, y / 1))",
        TrainingError,
        "y holds torch.float64, but classes are integers: pass loss='regression' or convert y",
    ),
    Refusal(
        "classes from 1",
        "qfx.train(fresh(), (x, y + 1))",
        TrainingError,
        _MISFIT.format("(40, 16)", "(40,)"),
    ),
    Refusal(
        "samples of another size",
        "qfx.train(fresh(), (x[:, :15], y))",
        TrainingError,
        _MISFIT.format("(40, 15)", "(40,)"),
    ),
    Refusal(
        "a vector for a column",
        "qfx.train(fresh(), (x, x[:, 0]), loss='regression')",
        TrainingError,
        "the model gives (40, 4), y holds (40,): a regression needs one shape, so reshape y or"
        " change the last layer",
    ),
    Refusal(
        "a loss of another name",
        "qfx.train(fresh(), (x, y), loss='hinge')",
        TrainingError,
        "loss 'hinge' is not one of classification, regression: name one of them or pass a"
        " callable",
    ),
    Refusal(
        "no epochs",
        "qfx.train(fresh(), (x, y), epochs=0)",
        TrainingError,
        "epochs must be a whole number, at least 1, not 0",
    ),
    Refusal(
        "empty batches",
        "qfx.train(fresh(), (x, y), batch_size=0)",
        TrainingError,
        "batch_size must be a whole number, at least 1, not 0",
    ),
    Refusal(
        "a way uphill",
        "qfx.train(fresh(), (x, y), learning_rate=-1)",
        TrainingError,
        "learning_rate must be a number from 0 on, not -1",
    ),
    Refusal(
        "a share above 1",
        "qfx.train(fresh(), (x, y), warmup=1.5)",
        TrainingError,
        "warmup must be a share of the epochs, from 0 to 1, not 1.5",
    ),
    Refusal(
        "a device that is not there",
        "qfx.train(fresh(), (x, y), device='abacus')",
        TrainingError,
        "device 'abacus' cannot be used (…): take 'auto' or 'cpu'",
    ),
)
