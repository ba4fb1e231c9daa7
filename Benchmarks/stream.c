// The loops of STREAM, as its rules define and count them: copy 2 arrays, triad 3. Threads are pinned to the CPUs that
// the process may use. Prints the best rate of each loop in 10^6 bytes a second.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static size_t elements;
static int threads;
static double *a, *b, *c;
static pthread_barrier_t gate;
enum { rounds = 20 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void copy(double *restrict to, const double *restrict from, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = from[i];
}

static void triad(double *restrict to, const double *restrict x, const double *restrict y, double q, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = x[i] + q * y[i];
}

static double best[2];

struct part { int number, cpu; };

static void *work(void *argument) {
  struct part *part = argument;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(part->cpu, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
  size_t count = elements / threads, start = count * part->number;
  for (size_t i = start; i < start + count; i++) a[i] = 1, b[i] = 2, c[i] = 0;
  for (int loop = 0; loop < 2; loop++) {
    for (int round = 0; round < rounds; round++) {
      pthread_barrier_wait(&gate);
      double begin = now();
      pthread_barrier_wait(&gate);
      if (loop == 0) copy(c + start, a + start, count);
      else triad(a + start, b + start, c + start, 3.0, count);
      pthread_barrier_wait(&gate);
      double rate = (2 + loop) * sizeof(double) * (double)elements / (now() - begin);
      if (part->number == 0 && rate > best[loop]) best[loop] = rate;
    }
  }
  return NULL;
}

int main(int count, char **arguments) {
  elements = (count > 1 ? strtoull(arguments[1], NULL, 10) : 256) << 17;  // MiB of each array
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  threads = CPU_COUNT(&allowed);
  elements -= elements % threads;
  if (posix_memalign((void **)&a, 1 << 21, elements * 8) || posix_memalign((void **)&b, 1 << 21, elements * 8) ||
      posix_memalign((void **)&c, 1 << 21, elements * 8))
    return 1;
  // Large pages for both sides: page walks would be measured otherwise, and engines' buffers get them too.
  madvise(a, elements * 8, MADV_HUGEPAGE), madvise(b, elements * 8, MADV_HUGEPAGE), madvise(c, elements * 8, MADV_HUGEPAGE);
  pthread_barrier_init(&gate, NULL, threads);
  pthread_t handles[CPU_SETSIZE];
  struct part parts[CPU_SETSIZE];
  for (int cpu = 0, next = 0; cpu < CPU_SETSIZE && next < threads; cpu++) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    parts[next] = (struct part){next, cpu};
    if (pthread_create(&handles[next], NULL, work, &parts[next])) return 1;
    next++;
  }
  for (int i = 0; i < threads; i++) pthread_join(handles[i], NULL);
  printf("%.0f %.0f\n", best[0] / 1e6, best[1] / 1e6);
  return 0;
}
