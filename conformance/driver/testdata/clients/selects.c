// One thread, which waits with select for its user, the server and peers at once. Keys
// in a line of a menu without a prompt of its own. A request ends in LF, Exit in nothing.
#include <sys/select.h>

#include "common.h"

static int server, port_fd = -1;
static char me[64], payee[64], amount[32], list[4096];
static enum { MENU, NEW_NAME, NAME, PORT, PAYEE, AMOUNT } state;
static int paying; // the list is awaited to pay

static void menu(void) {
    printf("\nN to register, L to log in, W for who is online, P to pay, X to exit\n");
    state = MENU;
}

static void say(const char *text) { send(server, text, strlen(text), MSG_NOSIGNAL); }

static void pay(void) {
    char ip[64], text[256];
    int port;
    paying = 0;
    if (!find(list, payee, ip, &port)) {
        printf("nobody\n");
        return;
    }
    int peer = dial(ip, port);
    if (peer < 0)
        return;
    snprintf(text, sizeof text, "%s#%s#%s\n", me, amount, payee);
    send(peer, text, strlen(text), MSG_NOSIGNAL);
    close(peer);
}

static void typed(char *line) {
    char text[256];
    line[strcspn(line, "\r\n")] = 0;
    switch (state) {
    case MENU:
        switch (line[0]) {
        case 'N': printf("name to register?\n"); state = NEW_NAME; break;
        case 'L': printf("name to log in?\n"); state = NAME; break;
        case 'W': say("List\n"); break;
        case 'P': printf("payee?\n"); state = PAYEE; break;
        case 'X': say("Exit"); break;
        default: menu();
        }
        break;
    case NEW_NAME:
        snprintf(text, sizeof text, "REGISTER#%s\n", line);
        say(text);
        break;
    case NAME:
        snprintf(me, sizeof me, "%s", line);
        printf("port?\n");
        state = PORT;
        break;
    case PORT:
        if ((port_fd = open_port(atoi(line))) < 0)
            exit(1);
        snprintf(text, sizeof text, "%s#%s\n", me, line);
        say(text);
        break;
    case PAYEE:
        snprintf(payee, sizeof payee, "%s", line);
        printf("amount?\n");
        state = AMOUNT;
        break;
    case AMOUNT:
        snprintf(amount, sizeof amount, "%s", line);
        paying = 1;
        say("List\n");
        break;
    }
}

int main(int argc, char **argv) {
    if (argc != 3 || (server = dial(argv[1], atoi(argv[2]))) < 0)
        return 1;
    menu();
    for (;;) {
        fflush(stdout);
        fd_set ready;
        FD_ZERO(&ready);
        FD_SET(0, &ready);
        FD_SET(server, &ready);
        if (port_fd >= 0)
            FD_SET(port_fd, &ready);
        select((port_fd > server ? port_fd : server) + 1, &ready, NULL, NULL, NULL);
        char buf[4096];
        if (FD_ISSET(0, &ready)) {
            ssize_t n = read(0, buf, sizeof buf - 1);
            if (n <= 0)
                return 0;
            buf[n] = 0;
            typed(buf);
        }
        if (FD_ISSET(server, &ready)) {
            ssize_t n = recv(server, list, sizeof list - 1, 0);
            if (n <= 0)
                return 0;
            list[n] = 0;
            printf("%s", list);
            if (paying)
                pay();
            menu();
        }
        if (port_fd >= 0 && FD_ISSET(port_fd, &ready)) {
            int peer = accept(port_fd, NULL, NULL);
            ssize_t n = recv(peer, buf, sizeof buf - 1, 0);
            if (n > 0)
                send(server, buf, n, MSG_NOSIGNAL);
            close(peer);
        }
    }
}
