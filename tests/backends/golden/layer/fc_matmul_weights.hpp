// Weights of fc as the contraction reads them, [group][fold][step][output lane][input lane]:
// the stored integers of ap_fixed<4, 1>.
#pragma once

static const signed char fc_matmul_weights[1][2][2][1][2] = {
  {
    {
        {{1, 3}},
        {{5, 7}},
    },
    {
        {{-2, -4}},
        {{-6, -8}},
    },
  },
};
