"""Training: the model, the data and the numbers."""

from refusal import Refusal

from qfx.training.data import TrainingError

_MISFIT = (
    "batch 0 of {} data, x of shape {} and y of shape {}, does not pass through the model and the"
    " loss (…): compare it with the first and the last layer; classes are numbered from 0"
)

TITLE = "Training: `qfx.train`"
PAGE = "training"
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
        "the training data holds x alone: give (x, y)",
    ),
    Refusal(
        "a class missing",
        "qfx.train(fresh(), (x, y[:-1]))",
        TrainingError,
        "the training data has 40 samples of x and 39 of y: give as many of each, at least one",
    ),
    Refusal(
        "NaN",
        "qfx.train(fresh(), (np.where(x == x[3, 2], np.nan, x), y))",
        TrainingError,
        "x of the training data holds nan at index (3, 2): clean the data first",
    ),
    Refusal(
        "words",
        "qfx.train(fresh(), (x, np.full(40, 'cat')))",
        TrainingError,
        "y of the training data holds <U3, not numbers: read or encode it first",
    ),
    Refusal(
        "classes that are floats",
        "qfx.train(fresh(), (x, y / 1))",
        TrainingError,
        "y of the training data holds torch.float64, but classes are integers: pass"
        " loss='regression' or convert y",
    ),
    Refusal(
        "classes from 1",
        "qfx.train(fresh(), (x, y + 1))",
        TrainingError,
        _MISFIT.format("the training", "(40, 16)", "(40,)"),
    ),
    Refusal(
        "samples of another size",
        "qfx.train(fresh(), (x[:, :15], y))",
        TrainingError,
        _MISFIT.format("the training", "(40, 15)", "(40,)"),
    ),
    Refusal(
        "a vector for a column",
        "qfx.train(fresh(), (x, x[:, 0]), loss='regression')",
        TrainingError,
        "the model gives (40, 4), y holds (40,): a regression needs one shape, so reshape y or"
        " change the last layer",
    ),
    Refusal(
        "validation samples of another size",
        "qfx.train(fresh(), (x, y), (x[:, :15], y))",
        TrainingError,
        _MISFIT.format("the validation", "(40, 15)", "(40,)"),
    ),
    Refusal(
        "no validation sample",
        "qfx.train(fresh(), (x, y), (x[:0], y[:0]))",
        TrainingError,
        "the validation data has 0 samples of x and 0 of y: give as many of each, at least one",
    ),
    Refusal(
        "validation batches that are none",
        "qfx.train(fresh(), (x, y), torch.utils.data.DataLoader([(x[0], 1)], 2, drop_last=True))",
        TrainingError,
        "the validation data gave no batch: its DataLoader drops what does not fill one: leave"
        " drop_last out",
    ),
    Refusal(
        "items of three",
        "qfx.train(fresh(), [(x, y, y), (x, y, y)])",
        TrainingError,
        "item 0 of the training data holds 3 things, and which is y is not clear: give (x, y); what"
        " else the loss needs belongs into y, as (x, (y, weight)) for a callable loss",
    ),
    Refusal(
        "keys of one's own",
        "qfx.train(fresh(), {'spectrum': x, 'label': y})",
        TrainingError,
        "the training data has the keys spectrum and label, none of which is x: name it 'x', or"
        " give (x, y), as in [(batch['image'], batch['label']) for batch in data]",
    ),
    Refusal(
        "samples of different sizes",
        "qfx.train(fresh(), [(x[0], 1), (x[1], 0), (x[2, :9], 1)], batch_size=3)",
        TrainingError,
        "item … of the training data holds a tensor of shape (…), item … one of (…): resize, pad or"
        " crop the samples to one shape",
    ),
    Refusal(
        "a loader that fails",
        "qfx.train(fresh(), torch.utils.data.DataLoader([(x[0, ::-1], 1)]))",
        TrainingError,
        "batch 0 of the training data cannot be read (…)",
    ),
    Refusal(
        "masked numbers",
        "qfx.train(fresh(), (np.ma.masked_less(x, 0), y))",
        TrainingError,
        "x of the training data is masked in places: fill them, as with .filled(0)",
    ),
    Refusal(
        "a loss of several numbers",
        "qfx.train(fresh(), (x, y), loss=lambda output, y: output)",
        TrainingError,
        "the loss gives (40, 4), not one number in a tensor: average it",
    ),
    Refusal(
        "a loss that nothing learns from",
        "qfx.train(fresh(), (x, y), loss=lambda output, y: output.detach().sum())",
        TrainingError,
        "the loss does not depend on what learns: compute it of the output in torch alone,"
        " without detach(), item(), numpy() and argmax(), and let the model's parameters have"
        " requires_grad",
    ),
    Refusal(
        "a metric that fails",
        "qfx.train(fresh(), (x, y), epochs=1, progress=False, metric=lambda out, y: out.f1())",
        TrainingError,
        "the metric <lambda> failed in epoch 1 (AttributeError: 'Tensor' object has no attribute"
        " 'f1'): it is given all outputs and all y of the validation data, on the CPU; the model"
        " keeps its best so far",
    ),
    Refusal(
        "a metric of several numbers",
        "qfx.train(fresh(), (x, y), epochs=1, progress=False, metric=lambda output, y: output)",
        TrainingError,
        "the metric <lambda> gave values of shape (40, 4) in epoch 1, which no epoch can be chosen"
        " by: give a finite number, the greatest being the best",
    ),
    Refusal(
        "a metric of another name",
        "qfx.train(fresh(), (x, y), metric='f1')",
        TrainingError,
        "metric 'f1' is not one of accuracy, loss: name one of them or pass a callable of output"
        " and y, of which the greatest value is the best",
    ),
    Refusal(
        "accuracy without classes",
        "qfx.train(fresh(), (x, x[:, :4]), loss='regression', metric='accuracy')",
        TrainingError,
        "metric='accuracy' compares class numbers (samples,) with outputs (samples, classes): pass"
        " metric='loss', or a callable of output and y",
    ),
    Refusal(
        "a metric that is no number",
        "qfx.train(fresh(), (x, y), epochs=1, progress=False, metric=lambda output, y: 'good')",
        TrainingError,
        "the metric <lambda> gave 'good' in epoch 1, which no epoch can be chosen by: give a finite"
        " number, the greatest being the best",
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
    Refusal(
        "a number for a loss",
        "qfx.train(fresh(), (x, y), loss=3)",
        TrainingError,
        "loss must be one of classification, regression or a callable, not 3",
    ),
    Refusal(
        "no seed",
        "qfx.train(fresh(), (x, y), seed=None)",
        TrainingError,
        "seed must be a whole number of 64 bits, not None",
    ),
)
