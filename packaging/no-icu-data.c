// Stands in for the 34 MB of data that Foundation's ICU brings: names of languages, calendars and collations, none of which
// Plimsoll uses. It is ICU's own form of an empty set (its `stubdata`); linked before the library, it takes the data's place.
// Compiled with -DICU_DATA=icudt76_dat, the symbol of the ICU at hand.
#include <stdint.h>

typedef struct {
  uint16_t size, reserved;
  uint8_t isBigEndian, charsetFamily, bytesOfCharacter, reservedByte, format[4], formatVersion[4], dataVersion[4];
} Description;

typedef struct {
  uint16_t headerSize;
  uint8_t magic[2];
  Description description;
  char padding[8];
  uint32_t count, reserved;
  char entries[16];
} Package;

__attribute__((aligned(16))) const Package ICU_DATA = {
  .headerSize = 32,
  .magic = {0xda, 0x27},
  .description = {
    .size = sizeof(Description), .isBigEndian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, .bytesOfCharacter = 2,
    .format = {'T', 'o', 'C', 'P'}, .formatVersion = {1},
  },
};
