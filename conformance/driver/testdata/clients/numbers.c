// A number menu, read with scanf. Requests have no ending; one recv is one reply.
#include "common.h"

static int server;
static char reply[4096];

static const char *ask(const char *request) {
    send(server, request, strlen(request), 0);
    ssize_t n = recv(server, reply, sizeof reply - 1, 0);
    if (n <= 0) {
        printf("Server closed.\n");
        exit(1);
    }
    reply[n] = 0;
    return reply;
}

static void pay(const char *me) {
    char payee[64], ip[64], list[4096], text[256];
    int amount, port;
    printf("Payee: ");
    scanf("%63s", payee);
    printf("Amount: ");
    scanf("%d", &amount);
    strcpy(list, ask("List"));
    if (!find(list, payee, ip, &port)) {
        printf("%s is not online.\n", payee);
        return;
    }
    int peer = dial(ip, port);
    if (peer < 0)
        return;
    snprintf(text, sizeof text, "%s#%d#%s", me, amount, payee);
    send(peer, text, strlen(text), 0);
    close(peer);
    printf("Paid.\n");
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s <ip> <port>\n", argv[0]);
        return 1;
    }
    if ((server = dial(argv[1], atoi(argv[2]))) < 0)
        return 1;
    char me[64] = "", request[128];
    int port, choice;
    for (;;) {
        printf("\n===== Micropayment =====\n"
               "1. Register\n2. Login\n3. Show online list\n4. Transfer money\n5. Exit\n"
               "Enter your choice: ");
        if (scanf("%d", &choice) != 1) {
            if (feof(stdin))
                return 0;
            scanf("%*s");
            printf("A number, please.\n");
            continue;
        }
        switch (choice) {
        case 1:
            printf("Username: ");
            scanf("%63s", me);
            snprintf(request, sizeof request, "REGISTER#%s", me);
            printf("%s", ask(request));
            break;
        case 2:
            printf("Username: ");
            scanf("%63s", me);
            printf("Port: ");
            scanf("%d", &port);
            snprintf(request, sizeof request, "%s#%d", me, port);
            if (strncmp(ask(request), "220", 3) && serve_peers(port, server))
                printf("Welcome, %s\n%s", me, reply);
            else
                printf("Login failed.\n");
            break;
        case 3:
            printf("%s", ask("List"));
            break;
        case 4:
            pay(me);
            break;
        case 5:
            printf("%s", ask("Exit"));
            return 0;
        default:
            printf("No such choice.\n");
        }
    }
}
