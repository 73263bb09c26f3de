/* The header twice in one file, and in two files of one program. Also compiled as C++. */
#include <jwtverify.h>
#include <jwtverify.h>

int from_the_other_file(void);

int main(void) {
    return from_the_other_file() == (int)JWTVERIFY_VERSION_NUMBER ? 0 : 1;
}
