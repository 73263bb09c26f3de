#include <jwtverify.h>
#include <stdint.h>
#include <jwtverify.h>

int from_the_other_file(void);

int from_the_other_file(void) {
    return (int)jwtverify_version_number();
}
