#ifndef PLIMSOLL_CVERSION_H
#define PLIMSOLL_CVERSION_H

#ifdef __cplusplus
extern "C" {
#endif

/// The commit of the checkout that this was built in, 40 hexadecimal digits; empty outside of a checkout.
const char *plimsoll_commit(void);

/// The day of the build as the compiler writes it: `Nov 28 2026`.
const char *plimsoll_build_date(void);

#ifdef __cplusplus
}
#endif

#endif
