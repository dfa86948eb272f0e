// The screen is cleared before each menu, and Enter has to be pressed after each
// operation. Colours. Requests are padded to 1000 bytes.
#include "common.h"

#define SIZE 1000

static int server;
static char reply[4096];

static void ask(const char *text) {
    char request[SIZE];
    memset(request, 0, sizeof request);
    strncpy(request, text, sizeof request - 1);
    send(server, request, sizeof request, 0);
    ssize_t n = recv(server, reply, sizeof reply - 1, 0);
    if (n <= 0) {
        printf("\033[31mServer closed\033[0m\n");
        exit(1);
    }
    reply[n] = 0;
}

static void line(const char *prompt, char *to, int size) {
    printf("\033[36m%s\033[0m", prompt);
    fflush(stdout);
    if (!fgets(to, size, stdin))
        exit(0);
    to[strcspn(to, "\n")] = 0;
}

static void enter(void) {
    char nothing[64];
    line("Press Enter to continue...", nothing, sizeof nothing);
}

static void transfer(const char *me) {
    char payee[64], amount[32], ip[64], text[SIZE] = "";
    int port;
    ask("List");
    line("Transfer to whom? ", payee, sizeof payee);
    line("How much? ", amount, sizeof amount);
    if (!find(reply, payee, ip, &port)) {
        printf("Not found\n");
        return;
    }
    int peer = dial(ip, port);
    if (peer < 0)
        return;
    snprintf(text, sizeof text, "%s#%s#%s", me, amount, payee);
    send(peer, text, sizeof text, 0);
    close(peer);
}

int main(int argc, char **argv) {
    if (argc != 3 || (server = dial(argv[1], atoi(argv[2]))) < 0)
        return 1;
    char me[64] = "", choice[16], name[64], port[16], request[128];
    for (;;) {
        printf("\033[2J\033[H\033[1m--- P2P payment ---\033[0m  %s\n", me);
        printf("[1] Register an account\n[2] Log in\n[3] Account balance and list\n[4] Transfer\n[0] Exit\n");
        line("=> ", choice, sizeof choice);
        switch (choice[0]) {
        case '1':
            line("Account name? ", name, sizeof name);
            snprintf(request, sizeof request, "REGISTER#%s", name);
            ask(request);
            printf("%s", reply);
            break;
        case '2':
            line("Account name? ", name, sizeof name);
            line("Your port? ", port, sizeof port);
            snprintf(request, sizeof request, "%s#%s", name, port);
            ask(request);
            printf("%s", reply);
            if (strncmp(reply, "220", 3) && serve_peers(atoi(port), server))
                strcpy(me, name);
            break;
        case '3':
            ask("List");
            printf("%s", reply);
            break;
        case '4':
            transfer(me);
            break;
        case '0':
            ask("Exit");
            printf("%s", reply);
            return 0;
        default:
            printf("?\n");
        }
        enter();
    }
}
