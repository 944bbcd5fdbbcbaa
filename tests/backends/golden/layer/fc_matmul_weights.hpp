// Weights of fc as the contraction reads them, [group][fold][step][output lane][input lane]:
// the stored integers of ap_fixed<4, 1>.
#pragma once

static const signed char fc_matmul_weights[1][1][4][2][1] = {
  {
    {
        {{1}, {-2}},
        {{3}, {-4}},
        {{5}, {-6}},
        {{7}, {-8}},
    },
  },
};
