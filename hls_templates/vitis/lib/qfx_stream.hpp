// What flows between stages: some elements of a tensor at a time, lane 0 first.
#pragma once

#include "hls_stream.h"

namespace qfx {

template <class T, int LANES>
struct Beat {
  T lane[LANES];
};

#if !defined(QFX_TRACE) && !defined(QFX_DATAFLOW)
template <class T, int LANES>
using Stream = hls::stream<Beat<T, LANES>>;
#endif

#ifndef QFX_DATAFLOW
// Where a stage goes on that neither reads nor writes: of use where stages that wait are put aside, and no hardware.
inline void went_on() {}
#endif

}  // namespace qfx

#ifdef QFX_TRACE
#include "../tb/qfx_trace.hpp"
#endif
#ifdef QFX_DATAFLOW
#include "../tb/qfx_dataflow.hpp"
#endif
