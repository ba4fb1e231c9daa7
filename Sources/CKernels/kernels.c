#include "kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif
#if defined(__aarch64__)
#include <arm_neon.h>
#endif
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#if defined(__aarch64__)
#include <sys/auxv.h>
#endif
#endif
#if defined(__APPLE__) && defined(__aarch64__)
#include <sys/sysctl.h>
#endif

// MARK: - every processor

static int32_t portable8(const uint8_t *w, const int8_t *a) {
  int32_t sum = 0;
  for (int i = 0; i < 32; i++) sum += (int32_t)(int8_t)w[i] * a[i];
  return sum;
}

static int32_t portable4(const uint8_t *w, const int8_t *a) {
  int32_t sum = 0;
  for (int i = 0; i < 16; i++) sum += ((int32_t)(w[i] & 15) - 8) * a[i] + ((int32_t)(w[i] >> 4) - 8) * a[i + 16];
  return sum;
}

static float run_portable(int bits, const uint8_t *w, const int8_t *a, const float *s, size_t blocks) {
  float total = 0;
  for (size_t i = 0; i < blocks; i++)
    total += s[i] * (float)(bits == 8 ? portable8(w + 32 * i, a + 32 * i) : portable4(w + 16 * i, a + 32 * i));
  return total;
}

#if defined(__x86_64__)
// MARK: - AVX2 and later

#define INLINE(features) static inline __attribute__((always_inline, target(features)))

INLINE("avx2,fma") __m256i weights_avx2(int bits, const uint8_t *w, size_t i) {
  if (bits == 8) return _mm256_loadu_si256((const __m256i *)(w + 32 * i));
  __m128i packed = _mm_loadu_si128((const __m128i *)(w + 16 * i));
  __m256i both = _mm256_set_m128i(_mm_srli_epi16(packed, 4), packed);
  return _mm256_sub_epi8(_mm256_and_si256(both, _mm256_set1_epi8(15)), _mm256_set1_epi8(8));
}

INLINE("avx2,fma") float sum_avx2(__m256 v) {
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

// The instruction multiplies unsigned by signed bytes, so that the weights' signs move to the activations.
__attribute__((target("avx2,fma"))) static float run_avx2(int bits, const uint8_t *w, const int8_t *a, const float *s,
                                                         size_t blocks) {
  __m256 total[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  const __m256i ones = _mm256_set1_epi16(1);
  for (size_t i = 0; i < blocks; i += 4)
    for (int k = 0; k < 4; k++) {
      __m256i x = weights_avx2(bits, w, i + k);
      __m256i y = _mm256_loadu_si256((const __m256i *)(a + 32 * (i + k)));
      __m256i pairs = _mm256_maddubs_epi16(_mm256_sign_epi8(x, x), _mm256_sign_epi8(y, x));
      __m256 sums = _mm256_cvtepi32_ps(_mm256_madd_epi16(pairs, ones));
      total[k] = _mm256_fmadd_ps(_mm256_set1_ps(s[i + k]), sums, total[k]);
    }
  return sum_avx2(_mm256_add_ps(_mm256_add_ps(total[0], total[1]), _mm256_add_ps(total[2], total[3])));
}

__attribute__((target("avx2,fma,avxvnni"))) static float run_avx_vnni(int bits, const uint8_t *w, const int8_t *a,
                                                                     const float *s, size_t blocks) {
  __m256 total[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  for (size_t i = 0; i < blocks; i += 4)
    for (int k = 0; k < 4; k++) {
      __m256i x = weights_avx2(bits, w, i + k);
      __m256i y = _mm256_loadu_si256((const __m256i *)(a + 32 * (i + k)));
      __m256i sums = _mm256_dpbusd_avx_epi32(_mm256_setzero_si256(), _mm256_sign_epi8(x, x), _mm256_sign_epi8(y, x));
      total[k] = _mm256_fmadd_ps(_mm256_set1_ps(s[i + k]), _mm256_cvtepi32_ps(sums), total[k]);
    }
  return sum_avx2(_mm256_add_ps(_mm256_add_ps(total[0], total[1]), _mm256_add_ps(total[2], total[3])));
}

#define VNNI512 "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"

// Two blocks fill a register; 128 is added to the weights, which the instruction takes as unsigned, and its part taken off.
__attribute__((target(VNNI512))) static float run_avx512(int bits, const uint8_t *w, const int8_t *a, const float *s,
                                                        size_t blocks) {
  __m512 total[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
  const __m512i shift = _mm512_set1_epi8((char)0x80);
  for (size_t i = 0; i < blocks; i += 8)
    for (int k = 0; k < 4; k++) {
      size_t b = i + 2 * (size_t)k;
      __m512i x = bits == 8 ? _mm512_loadu_si512(w + 32 * b)
                            : _mm512_inserti64x4(_mm512_castsi256_si512(weights_avx2(4, w, b)), weights_avx2(4, w, b + 1), 1);
      __m512i y = _mm512_loadu_si512(a + 32 * b);
      __m512i sums = _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_xor_si512(x, shift), y);
      sums = _mm512_sub_epi32(sums, _mm512_dpbusd_epi32(_mm512_setzero_si512(), shift, y));
      __m512 scale = _mm512_insertf32x8(_mm512_set1_ps(s[b]), _mm256_set1_ps(s[b + 1]), 1);
      total[k] = _mm512_fmadd_ps(scale, _mm512_cvtepi32_ps(sums), total[k]);
    }
  return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(total[0], total[1]), _mm512_add_ps(total[2], total[3])));
}

// MARK: - AMX

// One instruction multiplies 16 rows of 64 bytes by 16 columns of 64 bytes.
struct plimsoll_tiles {
  uint8_t palette, start;
  uint8_t reserved[14];
  uint16_t columns[16];
  uint8_t rows[16];
};

__attribute__((target("amx-tile,amx-int8"))) static float run_amx(const uint8_t *w, const int8_t *a, size_t blocks,
                                                                 size_t rounds) {
  struct plimsoll_tiles tiles = {.palette = 1};
  for (int i = 0; i < 8; i++) {
    tiles.columns[i] = 64;
    tiles.rows[i] = 16;
  }
  _tile_loadconfig(&tiles);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  // Four sums at once hide the time of one; the tiles of weights and activations are loaded again for each step, as a
  // matrix product loads them.
  for (size_t r = 0; r < rounds; r++)
    for (size_t i = 0; i + 64 <= blocks; i += 64) {
      _tile_loadd(4, w + 32 * i, 64);
      _tile_loadd(5, w + 32 * i + 1024, 64);
      _tile_loadd(6, a + 32 * i, 64);
      _tile_loadd(7, a + 32 * i + 1024, 64);
      _tile_dpbssd(0, 4, 6);
      _tile_dpbssd(1, 4, 7);
      _tile_dpbssd(2, 5, 6);
      _tile_dpbssd(3, 5, 7);
    }
  int32_t out[4][256];
  _tile_stored(0, out[0], 64);
  _tile_stored(1, out[1], 64);
  _tile_stored(2, out[2], 64);
  _tile_stored(3, out[3], 64);
  _tile_release();
  float total = 0;
  for (int t = 0; t < 4; t++)
    for (int i = 0; i < 256; i++) total += (float)out[t][i];
  return total;
}

static uint64_t enabled_state(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

// The kernel of Linux gives a program the tiles only when it asks (ARCH_REQ_XCOMP_PERM, feature 18).
static int may_use_tiles(void) {
#if defined(__linux__)
  return syscall(SYS_arch_prctl, 0x1023, 18) == 0;
#else
  return 0;
#endif
}

static int x86_available(int isa) {
  uint32_t a, b, c, d;
  if (!__get_cpuid_count(1, 0, &a, &b, &c, &d) || !(c >> 27 & 1) || !(c >> 12 & 1)) return 0;
  uint64_t state = enabled_state();
  if ((state & 6) != 6) return 0;
  uint32_t b7, c7, d7, a71 = 0;
  if (!__get_cpuid_count(7, 0, &a, &b7, &c7, &d7) || !(b7 >> 5 & 1)) return 0;
  if (a >= 1) __get_cpuid_count(7, 1, &a71, &b, &c, &d);
  int has512 = (state & 0xe6) == 0xe6 && (b7 >> 16 & 1) && (b7 >> 17 & 1) && (b7 >> 30 & 1) && (b7 >> 31 & 1);
  switch (isa) {
  case PLIMSOLL_ISA_AVX2: return 1;
  case PLIMSOLL_ISA_AVX_VNNI: return a71 >> 4 & 1;
  case PLIMSOLL_ISA_AVX512_VNNI: return has512 && (c7 >> 11 & 1);
  case PLIMSOLL_ISA_AMX_INT8: return (d7 >> 24 & 1) && (d7 >> 25 & 1) && (state >> 17 & 3) == 3 && may_use_tiles();
  default: return 0;
  }
}
#endif

#if defined(__aarch64__)
// MARK: - Arm

static inline __attribute__((always_inline)) void weights_neon(int bits, const uint8_t *w, size_t i, int8x16_t out[2]) {
  if (bits == 8) {
    out[0] = vld1q_s8((const int8_t *)w + 32 * i);
    out[1] = vld1q_s8((const int8_t *)w + 32 * i + 16);
  } else {
    uint8x16_t packed = vld1q_u8(w + 16 * i);
    out[0] = vsubq_s8(vreinterpretq_s8_u8(vandq_u8(packed, vdupq_n_u8(15))), vdupq_n_s8(8));
    out[1] = vsubq_s8(vreinterpretq_s8_u8(vshrq_n_u8(packed, 4)), vdupq_n_s8(8));
  }
}

static float run_neon(int bits, const uint8_t *w, const int8_t *a, const float *s, size_t blocks) {
  float32x4_t total[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
  for (size_t i = 0; i < blocks; i += 4)
    for (int k = 0; k < 4; k++) {
      int8x16_t x[2];
      weights_neon(bits, w, i + k, x);
      int8x16_t y0 = vld1q_s8(a + 32 * (i + k)), y1 = vld1q_s8(a + 32 * (i + k) + 16);
      int32x4_t sums = vpaddlq_s16(vmull_s8(vget_low_s8(x[0]), vget_low_s8(y0)));
      sums = vpadalq_s16(sums, vmull_high_s8(x[0], y0));
      sums = vpadalq_s16(sums, vmull_s8(vget_low_s8(x[1]), vget_low_s8(y1)));
      sums = vpadalq_s16(sums, vmull_high_s8(x[1], y1));
      total[k] = vfmaq_n_f32(total[k], vcvtq_f32_s32(sums), s[i + k]);
    }
  return vaddvq_f32(vaddq_f32(vaddq_f32(total[0], total[1]), vaddq_f32(total[2], total[3])));
}

__attribute__((target("dotprod"))) static float run_dotprod(int bits, const uint8_t *w, const int8_t *a, const float *s,
                                                           size_t blocks) {
  float32x4_t total[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
  for (size_t i = 0; i < blocks; i += 4)
    for (int k = 0; k < 4; k++) {
      int8x16_t x[2];
      weights_neon(bits, w, i + k, x);
      int32x4_t sums = vdotq_s32(vdupq_n_s32(0), x[0], vld1q_s8(a + 32 * (i + k)));
      sums = vdotq_s32(sums, x[1], vld1q_s8(a + 32 * (i + k) + 16));
      total[k] = vfmaq_n_f32(total[k], vcvtq_f32_s32(sums), s[i + k]);
    }
  return vaddvq_f32(vaddq_f32(vaddq_f32(total[0], total[1]), vaddq_f32(total[2], total[3])));
}

// Two rows of weights by two columns of activations: four dot products at once, as a prompt's matrix product uses it.
__attribute__((target("i8mm"))) static float run_i8mm(int bits, const uint8_t *w, const int8_t *a, const float *s,
                                                     size_t blocks) {
  float32x4_t total[2] = {vdupq_n_f32(0), vdupq_n_f32(0)};
  for (size_t i = 0; i < blocks; i += 4)
    for (int k = 0; k < 2; k++) {
      size_t b = i + 2 * (size_t)k;
      int8x16_t x[2], z[2];
      weights_neon(bits, w, b, x);
      weights_neon(bits, w, b + 1, z);
      int32x4_t sums = vdupq_n_s32(0);
      for (int h = 0; h < 2; h++) {
        int8x16_t y = vld1q_s8(a + 32 * b + 16 * h), v = vld1q_s8(a + 32 * (b + 1) + 16 * h);
        int8x16_t rows0 = vcombine_s8(vget_low_s8(x[h]), vget_low_s8(z[h]));
        int8x16_t rows1 = vcombine_s8(vget_high_s8(x[h]), vget_high_s8(z[h]));
        int8x16_t columns0 = vcombine_s8(vget_low_s8(y), vget_low_s8(v));
        int8x16_t columns1 = vcombine_s8(vget_high_s8(y), vget_high_s8(v));
        sums = vmmlaq_s32(vmmlaq_s32(sums, rows0, columns0), rows1, columns1);
      }
      total[k] = vfmaq_n_f32(total[k], vcvtq_f32_s32(sums), s[b]);
    }
  return vaddvq_f32(vaddq_f32(total[0], total[1]));
}

static int arm_available(int isa) {
  if (isa == PLIMSOLL_ISA_NEON) return 1;
#if defined(__linux__)
  // Bit 20 of the first word is the dot product, bit 13 of the second the matrix product (the kernel's hwcap.h).
  if (isa == PLIMSOLL_ISA_DOTPROD) return getauxval(16) >> 20 & 1;
  if (isa == PLIMSOLL_ISA_I8MM) return getauxval(26) >> 13 & 1;
#elif defined(__APPLE__)
  const char *name = isa == PLIMSOLL_ISA_DOTPROD ? "hw.optional.arm.FEAT_DotProd"
                     : isa == PLIMSOLL_ISA_I8MM  ? "hw.optional.arm.FEAT_I8MM"
                                                 : 0;
  int value = 0;
  size_t size = sizeof value;
  return name && sysctlbyname(name, &value, &size, 0, 0) == 0 && value == 1;
#endif
  return 0;
}
#endif

// MARK: - the calls

int plimsoll_isa_available(int isa) {
  if (isa == PLIMSOLL_ISA_PORTABLE) return 1;
#if defined(__x86_64__)
  return x86_available(isa);
#elif defined(__aarch64__)
  return arm_available(isa);
#else
  return 0;
#endif
}

float plimsoll_dot(int isa, int bits, const uint8_t *weights, const int8_t *activations, const float *scales,
                   size_t blocks, size_t rounds) {
#if defined(__x86_64__)
  if (isa == PLIMSOLL_ISA_AMX_INT8) return run_amx(weights, activations, blocks, rounds);
#endif
  float total = 0;
  for (size_t r = 0; r < rounds; r++) {
    switch (isa) {
#if defined(__x86_64__)
    case PLIMSOLL_ISA_AVX2: total += run_avx2(bits, weights, activations, scales, blocks); break;
    case PLIMSOLL_ISA_AVX_VNNI: total += run_avx_vnni(bits, weights, activations, scales, blocks); break;
    case PLIMSOLL_ISA_AVX512_VNNI: total += run_avx512(bits, weights, activations, scales, blocks); break;
#endif
#if defined(__aarch64__)
    case PLIMSOLL_ISA_NEON: total += run_neon(bits, weights, activations, scales, blocks); break;
    case PLIMSOLL_ISA_DOTPROD: total += run_dotprod(bits, weights, activations, scales, blocks); break;
    case PLIMSOLL_ISA_I8MM: total += run_i8mm(bits, weights, activations, scales, blocks); break;
#endif
    default: total += run_portable(bits, weights, activations, scales, blocks);
    }
    // Nothing is known of the data from one round to the next.
    __asm__ volatile("" ::: "memory");
  }
  return total;
}

double plimsoll_dot_operations(int isa, size_t blocks, size_t rounds) {
  double each = 2.0 * PLIMSOLL_BLOCK * (double)blocks * (double)rounds;
  // A tile of 64 blocks makes four products of 16 by 16 by 64; the matrix product of Arm makes four dot products of two.
  if (isa == PLIMSOLL_ISA_AMX_INT8) return (double)(blocks / 64) * (double)rounds * 4 * 16 * 16 * 64 * 2;
  return isa == PLIMSOLL_ISA_I8MM ? 2 * each : each;
}
