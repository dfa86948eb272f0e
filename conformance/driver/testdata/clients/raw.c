// No menu and no prompt: what the user types goes to the server as it is, but for a
// payment, which has three parts and goes to the payee. A process of its own listens.
#include <signal.h>

#include "common.h"

static int server;
static pid_t child;

// parts counts what stands between the # of a line.
static int parts(const char *line) {
    int n = 1;
    for (; *line; line++)
        n += *line == '#';
    return n;
}

static ssize_t ask(const char *request, char *reply, size_t size) {
    send(server, request, strlen(request) + 1, 0);
    ssize_t n = recv(server, reply, size - 1, 0);
    if (n <= 0) {
        puts("server closed");
        if (child)
            kill(child, SIGTERM);
        exit(1);
    }
    reply[n] = 0;
    return n;
}

// listen_apart forks the process that is paid.
static void listen_apart(int port) {
    static struct payee own;
    own.server = server;
    own.port_fd = open_port(port);
    if (own.port_fd < 0)
        return;
    fflush(stdout);
    child = fork();
    if (child == 0) {
        be_paid(&own);
        exit(0);
    }
    close(own.port_fd);
}

static void pay(char *line) {
    char reply[4096], ip[64], *payee = strrchr(line, '#') + 1;
    int port;
    ask("List", reply, sizeof reply);
    if (!find(reply, payee, ip, &port)) {
        puts("not online");
        return;
    }
    int peer = dial(ip, port);
    if (peer >= 0) {
        send(peer, line, strlen(line) + 1, 0);
        close(peer);
    }
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 1;
    if ((server = dial(argv[1], atoi(argv[2]))) < 0)
        return 1;
    char line[256], reply[4096];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        if (!*line)
            continue;
        if (parts(line) == 3 && strncmp(line, "REGISTER#", 9)) {
            pay(line);
            continue;
        }
        ask(line, reply, sizeof reply);
        fputs(reply, stdout);
        if (!strcmp(line, "Exit"))
            break;
        if (parts(line) == 2 && strncmp(line, "REGISTER#", 9) && strncmp(reply, "220", 3))
            listen_apart(atoi(strchr(line, '#') + 1));
    }
    if (child)
        kill(child, SIGTERM);
    return 0;
}
