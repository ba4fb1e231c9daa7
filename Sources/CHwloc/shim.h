#ifndef PLIMSOLL_CHWLOC_H
#define PLIMSOLL_CHWLOC_H
#include <hwloc.h>
#endif
