// Stages side by side, through streams that hold as many beats as declared: what becomes of a dataflow region, but for
// its time.  Compiled in only with -DQFX_DATAFLOW, by `qfx cosim`, which wraps every call of the top function in
// `stage`, gives every stream its depth, and ends the function with `run_stages`.
//
// Every stage is a fiber; it hands over when a stream lets it go no further and it has nothing else to do.  Whether all
// of them come to stand still does not depend on the order in which they run, since each waits for its streams alone.
#pragma once

#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace qfx {

constexpr std::size_t STACK = std::size_t(1) << 28;  // of address space, for line buffers are local arrays

struct Fiber {
  std::function<void()> body;
  ucontext_t context;
  jmp_buf place;
  bool begun = false, done = false, can_run = true, moved = true;
};

struct Level {
  std::string stream;
  const std::size_t* count;
  std::size_t depth;
};

// One top function runs at a time; `frames` are sent through it one behind the other.
struct Dataflow {
  std::size_t frames = 1;
  std::vector<Fiber*> fibers;
  std::vector<std::size_t> frames_done;  // by fiber
  std::vector<Level> levels;
  Fiber* running = nullptr;
  jmp_buf scheduler;
  std::chrono::steady_clock::time_point told = std::chrono::steady_clock::now();
};
inline Dataflow dataflow;

inline void went_on() { dataflow.running->moved = true; }

inline void hand_over() {  // switching by setjmp spares the system calls of swapcontext
  if (!_setjmp(dataflow.running->place)) _longjmp(dataflow.scheduler, 1);
}

template <class T, int LANES>
class Stream {
 public:
  Stream(const char* name, std::size_t depth) : ring(depth) { dataflow.levels.push_back({name, &count, depth}); }

  void write(const Beat<T, LANES>& beat) {
    writer = dataflow.running;
    while (count == ring.size()) hand_over();
    ring[(first + count) % ring.size()] = beat;
    ++count;
    writer->moved = true;
    if (reader) reader->can_run = true;
  }

  Beat<T, LANES> read() {
    reader = dataflow.running;
    while (count == 0) hand_over();
    const Beat<T, LANES> beat = ring[first];
    first = first + 1 == ring.size() ? 0 : first + 1;
    --count;
    reader->moved = true;
    if (writer) writer->can_run = true;
    return beat;
  }

  bool empty() {
    reader = dataflow.running;
    if (count == 0) poll(reader);
    return count == 0;
  }

  bool full() {
    writer = dataflow.running;
    if (count == ring.size()) poll(writer);
    return count == ring.size();
  }

 private:
  // A stage that only looks, again and again, lets others run.
  static void poll(Fiber* fiber) {
    if (!fiber->moved) hand_over();
    fiber->moved = false;
  }

  std::vector<Beat<T, LANES>> ring;
  std::size_t first = 0, count = 0;
  Fiber *reader = nullptr, *writer = nullptr;
};

inline void tell_frames() {
  std::size_t least = dataflow.frames;
  for (std::size_t done : dataflow.frames_done) least = std::min(least, done);
  const auto now = std::chrono::steady_clock::now();
  if (least == 0 || now - dataflow.told < std::chrono::milliseconds(100)) return;
  std::cout << "frames " << least << std::endl;
  dataflow.told = now;
}

inline void stage(std::function<void()> call) {
  auto* fiber = new Fiber;
  const std::size_t number = dataflow.fibers.size();
  fiber->body = [call = std::move(call), number] {
    for (std::size_t frame = 0; frame < dataflow.frames; ++frame) {
      call();
      ++dataflow.frames_done[number];
      tell_frames();
    }
  };
  dataflow.fibers.push_back(fiber);
  dataflow.frames_done.push_back(0);
}

inline void enter() {
  dataflow.running->body();
  dataflow.running->done = true;
  _longjmp(dataflow.scheduler, 1);
}

inline void resume(Fiber* fiber) {
  dataflow.running = fiber;
  if (_setjmp(dataflow.scheduler)) return;
  if (fiber->begun) _longjmp(fiber->place, 1);
  fiber->begun = true;
  getcontext(&fiber->context);
  fiber->context.uc_stack.ss_sp =
      mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (fiber->context.uc_stack.ss_sp == MAP_FAILED) {
    std::cerr << "no memory for a stage's stack\n";
    std::exit(2);
  }
  fiber->context.uc_stack.ss_size = STACK;
  fiber->context.uc_link = nullptr;
  makecontext(&fiber->context, enter, 0);
  setcontext(&fiber->context);
}

// Runs all stages to their ends; when none can go on, says how every stream stands.
inline void run_stages() {
  for (bool left = true, ran = true; left;) {
    if (!ran) {
      for (const Level& level : dataflow.levels)
        std::cout << "stream " << level.stream << " " << *level.count << " " << level.depth << "\n";
      std::cerr << "FAIL: a deadlock\n";
      std::exit(1);
    }
    left = ran = false;
    for (Fiber* fiber : dataflow.fibers) {
      left = left || !fiber->done;
      if (fiber->done || !fiber->can_run) continue;
      fiber->can_run = false;
      ran = true;
      resume(fiber);
    }
  }
  for (const Level& level : dataflow.levels) {
    if (*level.count == 0) continue;
    std::cerr << "FAIL: stream " << level.stream << " is left with " << *level.count << " of its beats\n";
    std::exit(1);
  }
  for (Fiber* fiber : dataflow.fibers) {
    munmap(fiber->context.uc_stack.ss_sp, STACK);
    delete fiber;
  }
  dataflow.fibers.clear();
  dataflow.frames_done.clear();
  dataflow.levels.clear();
}

}  // namespace qfx
