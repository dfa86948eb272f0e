// Asks where the server is, and then waits for it to speak before it does anything.
#include "common.h"

static int server;
static char text[4096];

static int hear(void) {
    ssize_t n = recv(server, text, sizeof text - 1, 0);
    if (n <= 0)
        return 0;
    text[n] = 0;
    printf("%s\n", text);
    return 1;
}

static int ask(const char *request) {
    send(server, request, strlen(request), 0);
    return hear();
}

static char *read_line(const char *prompt) {
    static char line[128];
    printf("%s", prompt);
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin))
        exit(0);
    line[strcspn(line, "\n")] = 0;
    return line;
}

int main(void) {
    char host[64], me[64] = "", payee[64], request[256], ip[64];
    int port;
    strcpy(host, read_line("IP address of the server: "));
    port = atoi(read_line("Port of the server: "));
    if ((server = dial(host, port)) < 0)
        return 1;
    printf("Waiting for the server...\n");
    if (!hear())
        return 1;
    for (;;) {
        char *verb = read_line("Enter a command (register, login, list, pay, exit): ");
        if (!strcmp(verb, "register")) {
            snprintf(request, sizeof request, "REGISTER#%s", read_line("User name: "));
            if (!ask(request))
                break;
        } else if (!strcmp(verb, "login")) {
            strcpy(me, read_line("User name: "));
            port = atoi(read_line("Listening port: "));
            snprintf(request, sizeof request, "%s#%d", me, port);
            if (!ask(request))
                break;
            if (strncmp(text, "220", 3))
                serve_peers(port, server);
        } else if (!strcmp(verb, "list")) {
            if (!ask("List"))
                break;
        } else if (!strcmp(verb, "pay")) {
            strcpy(payee, read_line("Payee name: "));
            snprintf(request, sizeof request, "%s#%d#%s", me, atoi(read_line("Amount: ")), payee);
            if (!ask("List"))
                break;
            if (!find(text, payee, ip, &port)) {
                printf("%s is offline\n", payee);
                continue;
            }
            int peer = dial(ip, port);
            if (peer >= 0) {
                send(peer, request, strlen(request), 0);
                close(peer);
            }
        } else if (!strcmp(verb, "exit")) {
            ask("Exit");
            return 0;
        } else {
            printf("unknown command\n");
        }
    }
    printf("connection closed\n");
    return 1;
}
