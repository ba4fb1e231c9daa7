#include "kernels.h"

void plimsoll_triad(void *a, const void *b, const void *c, size_t bytes) {
  double *restrict to = a;
  const double *restrict first = b, *restrict second = c;
  for (size_t i = 0; i < bytes / sizeof(double); i++) to[i] = first[i] + 3 * second[i];
}

size_t plimsoll_follow(const size_t *ring, size_t loads) {
  size_t place = 0;
  for (size_t i = 0; i < loads; i++) place = ring[place];
  return place;
}
