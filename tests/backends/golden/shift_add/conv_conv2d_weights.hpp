// Weights of conv as the contraction reads them, [group][fold][step][output lane][input lane][term]:
// the coded terms of ap_fixed<4, 1>.
#pragma once

static const unsigned char conv_conv2d_weights[1][2][4][1][2][2] = {
  {
    {
        {{{6, 6}, {5, 5}}},
        {{{0, 7}, {0, 6}}},
        {{{1, 7}, {4, 4}}},
        {{{4, 6}, {0, 5}}},
    },
    {
        {{{0, 4}, {1, 1}}},
        {{{1, 4}, {0, 2}}},
        {{{0, 0}, {3, 5}}},
        {{{2, 4}, {3, 4}}},
    },
  },
};
