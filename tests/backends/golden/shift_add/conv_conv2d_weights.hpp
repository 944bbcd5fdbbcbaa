// Weights of conv as the contraction reads them, [group][fold][step][output lane][input lane][term]:
// the coded terms of ap_fixed<4, 1>.
#pragma once

static const unsigned char conv_conv2d_weights[1][1][8][2][1][2] = {
  {
    {
        {{{6, 6}}, {{0, 4}}},
        {{{5, 5}}, {{1, 1}}},
        {{{0, 7}}, {{1, 4}}},
        {{{0, 6}}, {{0, 2}}},
        {{{1, 7}}, {{0, 0}}},
        {{{4, 4}}, {{3, 5}}},
        {{{4, 6}}, {{2, 4}}},
        {{{0, 5}}, {{3, 4}}},
    },
  },
};
