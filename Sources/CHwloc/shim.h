#ifndef PLIMSOLL_CHWLOC_H
#define PLIMSOLL_CHWLOC_H
#include <hwloc.h>

// hwloc 3 writes XML of version 3 unless asked for 2, which every lstopo since 2018 reads; hwloc 2 has no such flag.
static inline unsigned long plimsoll_hwloc_xml_flags(void) {
#if HWLOC_API_VERSION >= 0x00030000
  return HWLOC_TOPOLOGY_EXPORT_XML_FLAG_V2;
#else
  return 0;
#endif
}
#endif
