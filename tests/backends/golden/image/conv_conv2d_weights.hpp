// Weights of conv as the contraction reads them, [group][fold][step][output lane][input lane]:
// the stored integers of ap_fixed<4, 1>.
#pragma once

static const signed char conv_conv2d_weights[1][2][4][1][2] = {
  {
    {
        {{-8, -4}},
        {{-7, -3}},
        {{-6, -2}},
        {{-5, -1}},
    },
    {
        {{0, 4}},
        {{1, 5}},
        {{2, 6}},
        {{3, 7}},
    },
  },
};
