// Weights of conv as the contraction reads them, [group][fold][step][output lane][input lane]:
// the stored integers of ap_fixed<4, 1>.
#pragma once

static const signed char conv_conv2d_weights[1][1][8][2][1] = {
  {
    {
        {{-8}, {0}},
        {{-4}, {4}},
        {{-7}, {1}},
        {{-3}, {5}},
        {{-6}, {2}},
        {{-2}, {6}},
        {{-5}, {3}},
        {{-1}, {7}},
    },
  },
};
