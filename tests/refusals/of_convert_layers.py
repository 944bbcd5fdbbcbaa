"""Conversion: torch layers that have no fixed-point form, or not with these arguments."""

from refusal import Refusal

from qfx.frontends import ConvertError

TITLE = "Conversion: layers"
PAGE = "convert"
CASES = (
    Refusal(
        "recurrence",
        "qfx.convert(torch.nn.Sequential(torch.nn.LSTM(4, 2)))",
        ConvertError,
        "0: LSTM has no qfx layer: recurrence has no layer: use Conv1d over the sequence",
    ),
    Refusal(
        "statistics of each sample",
        "qfx.convert(torch.nn.Sequential(torch.nn.LayerNorm(4)))",
        ConvertError,
        "0: LayerNorm has no qfx layer: its statistics are not constants: use BatchNorm1d",
    ),
    Refusal(
        "logarithms",
        "qfx.convert(torch.nn.Sequential(torch.nn.LogSoftmax(1)))",
        ConvertError,
        "0: LogSoftmax has no qfx layer: leave it to the loss: train on the logits with cross"
        " entropy",
    ),
    Refusal(
        "patches that overlap",
        "qfx.convert(torch.nn.Sequential(torch.nn.ConvTranspose2d(2, 2, 2)))",
        ConvertError,
        "0: ConvTranspose2d has no qfx layer: its patches overlap: use Upsample followed by Conv2d",
    ),
    Refusal(
        "an activation over channels",
        "qfx.convert(torch.nn.Sequential(torch.nn.GLU()))",
        ConvertError,
        "0: GLU has no qfx layer: use one that has (docs/layers.md), or write a qfx.nn.Layer"
        " of your own",
    ),
    Refusal(
        "a softmax over an image",
        "qfx.convert(torch.nn.Sequential(torch.nn.Softmax(1)), input_shape=(2, 4, 4))",
        ConvertError,
        "0: Softmax(dim=1) of (samples, features) alone has a layer, with dim=1 or -1: flatten"
        " before it",
    ),
    Refusal(
        "a softmax over no axis",
        "qfx.convert(torch.nn.Sequential(torch.nn.Softmax()))",
        ConvertError,
        "0: Softmax(dim=None) of (samples, features) alone has a layer, with dim=1 or -1:"
        " flatten before it",
    ),
    Refusal(
        "a rounded size",
        "qfx.convert(torch.nn.Sequential(torch.nn.MaxPool2d(2, ceil_mode=True)))",
        ConvertError,
        "0: MaxPool2d(ceil_mode=True) has no fixed-point form, only ceil_mode=False",
    ),
    Refusal(
        "spread patches",
        "qfx.convert(torch.nn.Sequential(torch.nn.MaxPool2d(2, dilation=2)))",
        ConvertError,
        "0: MaxPool2d(dilation=2) has no fixed-point form, only dilation=1",
    ),
    Refusal(
        "where the largest is",
        "qfx.convert(torch.nn.Sequential(torch.nn.AdaptiveMaxPool2d(1, return_indices=True)))",
        ConvertError,
        "0: AdaptiveMaxPool2d(return_indices=True) has no fixed-point form, only"
        " return_indices=False",
    ),
    Refusal(
        "the places of the largest",
        "qfx.convert(torch.nn.Sequential(torch.nn.MaxPool2d(2, return_indices=True)))",
        ConvertError,
        "0: MaxPool2d(return_indices=True) has no fixed-point form, only return_indices=False",
    ),
    Refusal(
        "padding that is not counted",
        "qfx.convert(torch.nn.Sequential(torch.nn.AvgPool2d(3, 1, 1, count_include_pad=False)))",
        ConvertError,
        "0: AvgPool2d(padding=(1, 1), count_include_pad=False) would divide by another number"
        " at the border: let the padding count, or pool without padding",
    ),
    Refusal(
        "another divisor",
        "qfx.convert(torch.nn.Sequential(torch.nn.AvgPool2d(2, divisor_override=3)))",
        ConvertError,
        "0: AvgPool2d(divisor_override=3) has no fixed-point form, only divisor_override=None",
    ),
    Refusal(
        "patches of several sizes",
        "qfx.convert(torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(3)), input_shape=(2, 4, 4))",
        ConvertError,
        "0: an image of (4, 4) in (3, 3) patches would have some of several sizes: choose sizes"
        " that divide",
    ),
    Refusal(
        "patches of unknown size",
        "qfx.convert(torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(2)))",
        ConvertError,
        "0: to which patches it comes is not known: pass input_shape to convert",
    ),
    Refusal(
        "mirrored padding",
        "qfx.convert(torch.nn.Sequential(torch.nn.Conv2d(2, 2, 3, padding=1,"
        " padding_mode='reflect')))",
        ConvertError,
        "0: Conv2d(padding_mode='reflect') has no fixed-point form, only padding_mode='zeros'",
    ),
    Refusal(
        "padding with ones",
        "qfx.convert(torch.nn.Sequential(torch.nn.ConstantPad2d(1, 1.0)))",
        ConvertError,
        "0: padding is with zeros, not 1.0: use ZeroPad2d",
    ),
    Refusal(
        "cropping everything",
        "qfx.convert(torch.nn.Sequential(torch.nn.ZeroPad2d(-2)), input_shape=(1, 4, 4))",
        ConvertError,
        "the twin of Sequential does not run on samples of shape (1, 4, 4): Pad((-2, -2, -2, -2))"
        " leaves nothing of samples of (1, 4, 4)",
    ),
    Refusal(
        "no running statistics",
        "qfx.convert(torch.nn.Sequential(torch.nn.BatchNorm1d(4, track_running_stats=False)))",
        ConvertError,
        "0: BatchNorm1d keeps no running statistics, which hardware needs as constants: make it"
        " with track_running_stats=True",
    ),
    Refusal(
        "statistics that average all batches",
        "qfx.convert(torch.nn.Sequential(torch.nn.BatchNorm1d(4, momentum=None)))",
        ConvertError,
        "0: BatchNorm1d(momentum=None) averages all batches alike, which training here does not:"
        " give it a momentum, 0.1 being torch's",
    ),
    Refusal(
        "interpolation between pixels",
        "qfx.convert(torch.nn.Sequential(torch.nn.Upsample(scale_factor=2, mode='bilinear')))",
        ConvertError,
        "0: Upsample(mode='bilinear') has no fixed-point form, only mode='nearest'",
    ),
    Refusal(
        "half a pixel",
        "qfx.convert(torch.nn.Sequential(torch.nn.Upsample(scale_factor=1.5)))",
        ConvertError,
        "0: a scale factor of 1.5 is not whole, and pixels are repeated: use 2, 3...",
    ),
    Refusal(
        "an image's size",
        "qfx.convert(torch.nn.Sequential(torch.nn.Upsample(size=8)))",
        ConvertError,
        "0: Upsample to size 8 is not followed: give a whole scale_factor",
    ),
    Refusal(
        "a finer line",
        "qfx.convert(torch.nn.Sequential(torch.nn.Upsample(scale_factor=2)), input_shape=(2, 4))",
        ConvertError,
        "0: Upsample takes (channels, height, width), not (2, 4): unsqueeze first",
    ),
    Refusal(
        "rows that are rescaled",
        "qfx.convert(torch.nn.Sequential(torch.nn.Embedding(5, 3, max_norm=1.0)))",
        ConvertError,
        "0: Embedding(max_norm=1.0) has no fixed-point form, only max_norm=None",
    ),
    Refusal(
        "an end on no grid",
        "qfx.convert(torch.nn.Sequential(torch.nn.Hardtanh(0.1, 1.0)))",
        ConvertError,
        "0: the end 0.1 lies on no grid of 16 fraction bits or fewer: use 0.100006103515625",
    ),
    Refusal(
        "flattening the batch",
        "qfx.convert(torch.nn.Sequential(torch.nn.Flatten(0)))",
        ConvertError,
        "0: flatten from axis 0 mixes the samples of a batch: flatten(x, 1)",
    ),
    Refusal(
        "flattening some axes",
        "qfx.convert(torch.nn.Sequential(torch.nn.Flatten(2)))",
        ConvertError,
        "0: flattening some axes needs their sizes: pass input_shape to convert",
    ),
)
