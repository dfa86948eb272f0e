/* Listens on as many ports as it gets. */
#include "hostile.h"

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    for (int i = 0; i < 500; i++)
        listening("0");
    serve(listener);
}
