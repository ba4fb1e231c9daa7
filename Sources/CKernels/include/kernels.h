#ifndef PLIMSOLL_KERNELS_H
#define PLIMSOLL_KERNELS_H
#include <stddef.h>
#include <stdint.h>

// Dot products of quantized blocks, as inference engines compute them: 32 weights of 8 or 4 bits with one scale, times 32
// activations of 8 bits with one scale, summed in 32-bit floating point. Each instruction set has its own form, compiled for
// that set alone and called only where the processor has it. Swift has no intrinsics for any of them.

enum plimsoll_isa {
  PLIMSOLL_ISA_PORTABLE,
  PLIMSOLL_ISA_AVX2,
  PLIMSOLL_ISA_AVX_VNNI,
  PLIMSOLL_ISA_AVX512_VNNI,
  PLIMSOLL_ISA_AMX_INT8,
  PLIMSOLL_ISA_NEON,
  PLIMSOLL_ISA_DOTPROD,
  PLIMSOLL_ISA_I8MM,
  PLIMSOLL_ISA_COUNT
};

// The weights that one block holds.
#define PLIMSOLL_BLOCK 32

// True where this processor, and the system on it, can run the kernel.
int plimsoll_isa_available(int isa);

// Multiplies `blocks` blocks of weights by as many of activations, `rounds` times over; `blocks` must be a multiple of 64.
// `bits` is 8 or 4; two weights of 4 bits stand in one byte, the first sixteen in the low halves, and mean 8 less than they
// read. `weights` holds 32 or 16 bytes a block, `activations` 32. Returns the sum, so that no compiler leaves it out.
float plimsoll_dot(int isa, int bits, const uint8_t *weights, const int8_t *activations, const float *scales,
                   size_t blocks, size_t rounds);

// Multiplications and additions that a call does, each counted as one.
double plimsoll_dot_operations(int isa, size_t blocks, size_t rounds);

// Loops over memory. They stand here since the demo's build does not optimize Swift, and would measure itself.

// a = b + 3 c over arrays of doubles, as STREAM's triad.
void plimsoll_triad(void *a, const void *b, const void *c, size_t bytes);

// Follows a ring of indices from 0, each load waiting for the one before. Returns the last index.
size_t plimsoll_follow(const size_t *ring, size_t loads);
#endif
