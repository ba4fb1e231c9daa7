#include "CLocales.h"

#ifdef PLIMSOLL_LOCALES
#include <stdint.h>

// The form of an ICU data package: a header (unicode/udata.h), then a count of items, here 0. As this table has the name of
// the toolchain's own, the linker takes this one and leaves the other in its archive.
const struct {
  uint16_t headerSize;
  uint8_t magic[2];
  uint16_t size, reserved;
  uint8_t isBigEndian, charset, charSize, reservedByte;
  uint8_t format[4], formatVersion[4], dataVersion[4];
  uint8_t padding[8];
  uint32_t items;
} PLIMSOLL_LOCALES __attribute__((aligned(16))) = {
    .headerSize = 32, .magic = {0xda, 0x27}, .size = 20, .charSize = 2, .format = "CmnD", .formatVersion = {1}};
#endif
