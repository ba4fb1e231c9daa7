#ifndef PLIMSOLL_SHA256_H
#define PLIMSOLL_SHA256_H
// The processors' SHA-256 instructions, which have no Swift spelling. One function for each, over whole 64-byte blocks;
// the round constants come from the caller, so that they stand in one place. Callers check `plimsoll_has_sha256` first.
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
static inline int plimsoll_has_sha256(void) {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & (1u << 19))) return 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29));
}
__attribute__((target("sha,sse4.1,ssse3")))
static inline void plimsoll_sha256_blocks(uint32_t *state, const uint8_t *data, size_t blocks, const uint32_t *k) {
  const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
  __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
  __m128i s0 = _mm_alignr_epi8(abcd, efgh, 8);
  __m128i s1 = _mm_blend_epi16(efgh, abcd, 0xF0);
  for (; blocks; blocks--, data += 64) {
    const __m128i before0 = s0, before1 = s1;
    __m128i w[4];
    for (int i = 0; i < 4; i++)
      w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(data + 16 * i)), order);
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++) {
      __m128i sum = _mm_add_epi32(w[i & 3], _mm_loadu_si128((const __m128i *)(k + 4 * i)));
      s1 = _mm_sha256rnds2_epu32(s1, s0, sum);
      s0 = _mm_sha256rnds2_epu32(s0, s1, _mm_shuffle_epi32(sum, 0x0E));
      if (i < 12)
        w[i & 3] = _mm_sha256msg2_epu32(
            _mm_add_epi32(_mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]), _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4)),
            w[(i + 3) & 3]);
    }
    s0 = _mm_add_epi32(s0, before0);
    s1 = _mm_add_epi32(s1, before1);
  }
  const __m128i low = _mm_shuffle_epi32(s0, 0x1B), high = _mm_shuffle_epi32(s1, 0xB1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xF0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

#elif defined(__aarch64__)
#include <arm_neon.h>
#if defined(__linux__)
#include <sys/auxv.h>
static inline int plimsoll_has_sha256(void) { return (getauxval(AT_HWCAP) >> 6) & 1; }
#else
static inline int plimsoll_has_sha256(void) { return 1; }
#endif
__attribute__((target("sha2")))
static inline void plimsoll_sha256_blocks(uint32_t *state, const uint8_t *data, size_t blocks, const uint32_t *k) {
  uint32x4_t s0 = vld1q_u32(state), s1 = vld1q_u32(state + 4);
  for (; blocks; blocks--, data += 64) {
    const uint32x4_t before0 = s0, before1 = s1;
    uint32x4_t w[4];
    for (int i = 0; i < 4; i++) w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data + 16 * i)));
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++) {
      const uint32x4_t sum = vaddq_u32(w[i & 3], vld1q_u32(k + 4 * i)), old = s0;
      s0 = vsha256hq_u32(s0, s1, sum);
      s1 = vsha256h2q_u32(s1, old, sum);
      if (i < 12)
        w[i & 3] = vsha256su1q_u32(vsha256su0q_u32(w[i & 3], w[(i + 1) & 3]), w[(i + 2) & 3], w[(i + 3) & 3]);
    }
    s0 = vaddq_u32(s0, before0);
    s1 = vaddq_u32(s1, before1);
  }
  vst1q_u32(state, s0);
  vst1q_u32(state + 4, s1);
}

#else
static inline int plimsoll_has_sha256(void) { return 0; }
static inline void plimsoll_sha256_blocks(uint32_t *state, const uint8_t *data, size_t blocks, const uint32_t *k) {}
#endif
#endif
