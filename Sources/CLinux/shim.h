#ifndef PLIMSOLL_CLINUX_H
#define PLIMSOLL_CLINUX_H
#include "sha256.h"
// The kernel interfaces that Swift's modules of the C library leave out.
#if defined(__APPLE__)
#include <sys/timex.h>

// The kernel's bound on the clock's error in microseconds, or -1.
static inline long plimsoll_clock_error(void) {
  struct timex state = {0};
  return ntp_adjtime(&state) < 0 ? -1 : state.maxerror;
}
#elif defined(__linux__)
#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

// POSIX_SPAWN_SETSID is defined only under _GNU_SOURCE, after Swift has imported spawn.h without it.
static inline short plimsoll_spawn_setsid(void) { return 0x80; }

// Declared under _GNU_SOURCE only. Descriptors that others left open in this program must not live on in its servers: a
// pipe that a server holds never ends for its reader.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
static inline int plimsoll_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

// Declared under _GNU_SOURCE only: begins to write a file's range to the disk and waits for nothing.
extern int sync_file_range(int, long long, long long, unsigned int);
static inline int plimsoll_begin_writeback(int file, long long offset, long long count) {
  return sync_file_range(file, offset, count, 2 /* SYNC_FILE_RANGE_WRITE */);
}

// WIFEXITED and its kin are macros with arguments, which Swift does not import.
static inline int plimsoll_wait_exited(int status) { return WIFEXITED(status); }
static inline int plimsoll_wait_exit_code(int status) { return WEXITSTATUS(status); }
static inline int plimsoll_wait_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

// epoll_pwait2 waits in nanoseconds; it is asked of the kernel directly, since older C libraries lack it.
// A wait below zero has no end. Kernels without the call wait in whole milliseconds, rounded up.
static inline int plimsoll_epoll_wait(int epoll, struct epoll_event *events, int limit, int64_t nanoseconds) {
#if defined(SYS_epoll_pwait2)
  struct { int64_t seconds, nanoseconds; } span = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  int count = (int)syscall(SYS_epoll_pwait2, epoll, events, limit, nanoseconds < 0 ? (void *)0 : &span, (void *)0, 0);
  if (count >= 0 || errno != ENOSYS) return count;
#endif
  return epoll_wait(epoll, events, limit, nanoseconds < 0 ? -1 : (int)((nanoseconds + 999999) / 1000000));
}

// Declared in malloc.h, which Swift's module of the C library leaves out; musl has none.
#if defined(__GLIBC__)
#include <malloc.h>
static inline void plimsoll_return_freed_memory(void) { malloc_trim(0); }
#else
static inline void plimsoll_return_freed_memory(void) {}
#endif

// prctl is variadic. Without this the kernel may wake a sleeping thread 50 microseconds late.
static inline int plimsoll_sharpen_timers(void) { return prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul); }

// The affinity calls need _GNU_SOURCE, under which this header would clash with Swift's Glibc module: ask the kernel.
#define PLIMSOLL_CPU_LIMIT 8192
static inline int plimsoll_pin_thread(int cpu) {
  unsigned long set[PLIMSOLL_CPU_LIMIT / (8 * sizeof(long))] = {0};
  if (cpu < 0 || cpu >= PLIMSOLL_CPU_LIMIT) return -1;
  set[cpu / (8 * sizeof(long))] |= 1ul << (cpu % (8 * sizeof(long)));
  return (int)syscall(SYS_sched_setaffinity, 0, sizeof set, set);
}
static inline int plimsoll_cpu_allowed(int cpu) {
  unsigned long set[PLIMSOLL_CPU_LIMIT / (8 * sizeof(long))] = {0};
  if (cpu < 0 || cpu >= PLIMSOLL_CPU_LIMIT) return 0;
  if (syscall(SYS_sched_getaffinity, 0, sizeof set, set) < 0) return -1;
  return (set[cpu / (8 * sizeof(long))] >> (cpu % (8 * sizeof(long)))) & 1;
}

// The kernel's bound on the clock's error in microseconds, or -1; its structure is not in Swift's Glibc module.
static inline long plimsoll_clock_error(void) {
  struct timex state = {0};
  return adjtimex(&state) < 0 ? -1 : state.maxerror;
}

// Asks for a range's pages from one NUMA node (MPOL_BIND is 2); libnuma is not needed for that.
static inline int plimsoll_bind_memory(void *start, unsigned long length, int node) {
  unsigned long set[16] = {0};
  if (node < 0 || node >= 1024) return -1;
  set[node / (8 * sizeof(long))] |= 1ul << (node % (8 * sizeof(long)));
  return (int)syscall(SYS_mbind, start, length, 2, set, 1025ul, 0u);
}
#endif

#if defined(__x86_64__)
#include <cpuid.h>
// The cpuid and xgetbv instructions have no Swift spelling.
static inline int plimsoll_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4]) {
  return __get_cpuid_count(leaf, subleaf, &out[0], &out[1], &out[2], &out[3]);
}
static inline uint64_t plimsoll_xgetbv(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((uint64_t)high << 32) | low;
}
#endif
#endif
