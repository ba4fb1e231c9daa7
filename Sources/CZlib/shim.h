#ifndef PLIMSOLL_CZLIB_H
#define PLIMSOLL_CZLIB_H
#include <zlib.h>
#endif
