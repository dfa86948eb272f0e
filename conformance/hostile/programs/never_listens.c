/* Never listens, and never ends. */
#include "hostile.h"

int main(void)
{
    bounds();
    for (;;)
        pause();
}
