// Makes a pair of keys before it asks anything, which takes a moment of computing, and
// sleeps between its screens. Each operation is one word; the payee's list place counts
// from 0. The amount is asked for before the payee.
#include "common.h"

static int server;
static char list[4096];

static unsigned long keys(void) {
    unsigned long sum = 1;
    for (unsigned long n = 3; n < 60000; n += 2) {
        int prime = 1;
        for (unsigned long d = 3; d < n / 2 && prime; d += 2)
            prime = n % d != 0;
        if (prime)
            sum = sum * n % 1000003;
    }
    return sum;
}

static void pause_a_moment(void) { usleep(200 * 1000); }

static void ask(const char *request) {
    send(server, request, strlen(request) + 1, 0);
    ssize_t n = recv(server, list, sizeof list - 1, 0);
    if (n <= 0)
        exit(1);
    list[n] = 0;
}

static void answer(const char *prompt, char *to) {
    printf("%s\n", prompt);
    if (scanf("%63s", to) != 1)
        exit(0);
}

int main(int argc, char **argv) {
    char verb[64], me[64] = "", word[64], other[64], ip[64], text[256];
    int port;
    if (argc != 3)
        return 1;
    printf("making keys %lx\n", keys());
    if ((server = dial(argv[1], atoi(argv[2]))) < 0)
        return 1;
    for (;;) {
        pause_a_moment();
        answer("What to do? Type 'new' to register, 'in' to log in, 'who' to list, 'give' to pay, 'bye' to exit.", verb);
        if (!strcmp(verb, "new")) {
            answer("Name?", word);
            snprintf(text, sizeof text, "REGISTER#%s", word);
            ask(text);
            printf("%s", list);
        } else if (!strcmp(verb, "in")) {
            answer("Name?", me);
            answer("Port?", word);
            if (!serve_peers(atoi(word), server))
                continue;
            snprintf(text, sizeof text, "%s#%s", me, word);
            ask(text);
            printf("%s", list);
        } else if (!strcmp(verb, "who")) {
            ask("List");
            printf("%s", list);
        } else if (!strcmp(verb, "give")) {
            ask("List");
            for (int i = 0; entry(list, i, other, ip, &port); i++)
                printf("[%d] %s\n", i, other);
            answer("How much?", word);
            answer("To which number?", other);
            char name[64];
            if (!entry(list, atoi(other), name, ip, &port)) {
                printf("No.\n");
                continue;
            }
            int peer = dial(ip, port);
            if (peer < 0)
                continue;
            snprintf(text, sizeof text, "%s#%s#%s", me, word, name);
            pause_a_moment();
            send(peer, text, strlen(text) + 1, 0);
            close(peer);
        } else if (!strcmp(verb, "bye")) {
            ask("Exit");
            return 0;
        }
    }
}
