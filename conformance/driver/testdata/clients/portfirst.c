// The port that it listens on is asked for first of all, before it connects, and used
// at every login. Each request is a block of 32 bytes with what was there before.
#include "common.h"

static int server;
static char reply[2048], block[32];

static void put(const char *text) {
    strncpy(block, text, sizeof block - 1); // it fills up with NUL, and so does the next
    send(server, block, strlen(block) + 1, 0);
}

static void get(void) {
    ssize_t n = recv(server, reply, sizeof reply - 1, 0);
    if (n <= 0) {
        fprintf(stderr, "server closed\n");
        exit(1);
    }
    reply[n] = 0;
}

int main(int argc, char **argv) {
    char port[16], verb[16], name[32] = "", me[32] = "", text[64], ip[64];
    int to;
    if (argc != 3) {
        printf("usage: client <server> <port>\n");
        return 1;
    }
    printf("Which port do you listen on? ");
    scanf("%15s", port);
    if ((server = dial(argv[1], atoi(argv[2]))) < 0 || !serve_peers(atoi(port), server))
        return 1;
    for (;;) {
        printf("r : register\nl : login\ns : show the list\np : pay someone\nq : quit\n");
        if (scanf("%15s", verb) != 1)
            break;
        switch (verb[0]) {
        case 'r':
            printf("Name: ");
            scanf("%31s", name);
            snprintf(text, sizeof text, "REGISTER#%s", name);
            put(text);
            get();
            printf("%s\n", reply);
            break;
        case 'l':
            printf("Name: ");
            scanf("%31s", name);
            snprintf(text, sizeof text, "%s#%s", name, port);
            put(text);
            get();
            printf("%s\n", reply);
            if (strncmp(reply, "220", 3))
                strcpy(me, name);
            break;
        case 's':
            put("List");
            get();
            printf("%s\n", reply);
            break;
        case 'p': {
            char payee[32], amount[16];
            printf("To: ");
            scanf("%31s", payee);
            printf("Amount: ");
            scanf("%15s", amount);
            put("List");
            get();
            if (!find(reply, payee, ip, &to)) {
                printf("No %s here.\n", payee);
                break;
            }
            int peer = dial(ip, to);
            if (peer < 0)
                break;
            snprintf(text, sizeof text, "%s#%s#%s", me, amount, payee);
            send(peer, text, strlen(text) + 1, 0);
            close(peer);
            break;
        }
        case 'q':
            put("Exit");
            get();
            printf("%s\n", reply);
            return 0;
        }
    }
    return 0;
}
