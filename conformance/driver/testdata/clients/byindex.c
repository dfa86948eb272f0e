// The payee is chosen by the place in the list, from 1, which it shows before it asks.
// stdout is never flushed: on a pipe nothing would be seen before the end.
#include "common.h"

static int server;
static char list[4096];

static void ask(const char *request, char *reply, size_t size) {
    send(server, request, strlen(request) + 1, 0);
    ssize_t n = recv(server, reply, size - 1, 0);
    if (n <= 0) {
        printf("server closed\n");
        exit(1);
    }
    reply[n] = 0;
}

static int number(const char *prompt) {
    char line[64];
    printf("%s", prompt);
    if (!fgets(line, sizeof line, stdin))
        exit(0);
    return atoi(line);
}

static void word(const char *prompt, char *to) {
    char line[64];
    printf("%s", prompt);
    if (!fgets(line, sizeof line, stdin) || sscanf(line, "%63s", to) != 1)
        exit(0);
}

static void show(void) {
    char name[64], ip[64];
    int port;
    printf("balance %d\n", atoi(list));
    for (int i = 0; entry(list, i, name, ip, &port); i++)
        printf("  %d: %s at %s, port %d\n", i + 1, name, ip, port);
}

static void pay(const char *me) {
    char name[64], ip[64], text[256];
    int port;
    ask("List", list, sizeof list);
    show();
    int place = number("Number of the payee: ");
    int amount = number("Amount: ");
    if (!entry(list, place - 1, name, ip, &port)) {
        printf("No such number.\n");
        return;
    }
    int peer = dial(ip, port);
    if (peer < 0)
        return;
    snprintf(text, sizeof text, "%s#%d#%s", me, amount, name);
    send(peer, text, strlen(text) + 1, 0);
    close(peer);
}

int main(int argc, char **argv) {
    if (argc != 3 || (server = dial(argv[1], atoi(argv[2]))) < 0) {
        printf("usage: byindex <ip> <port>\n");
        return 1;
    }
    char me[64] = "", request[128], reply[256];
    int port;
    for (;;) {
        printf("\n1) register  2) login  3) list  4) pay  5) leave\n");
        switch (number("? ")) {
        case 1:
            word("name ", me);
            snprintf(request, sizeof request, "REGISTER#%s", me);
            ask(request, reply, sizeof reply);
            printf("%s", reply);
            break;
        case 2:
            word("name ", me);
            port = number("port ");
            snprintf(request, sizeof request, "%s#%d", me, port);
            ask(request, list, sizeof list);
            if (!strncmp(list, "220", 3) || !serve_peers(port, server))
                printf("no\n");
            else
                show();
            break;
        case 3:
            ask("List", list, sizeof list);
            show();
            break;
        case 4:
            pay(me);
            break;
        case 5:
            ask("Exit", reply, sizeof reply);
            return 0;
        }
    }
}
