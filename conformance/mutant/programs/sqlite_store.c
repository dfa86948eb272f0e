/*
 * sqlite_store.c: the accounts live in server.db, one thread serves each client.
 *
 *   cc sqlite_store.c -o sqlite_store -lpthread -lsqlite3
 *   ./sqlite_store <port>
 *
 * Odd on purpose: the number online comes in words ("2 users online"), and the
 * public key as PEM, over several lines.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *PEM =
    "-----BEGIN PUBLIC KEY-----\r\n"
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDL9y460vNY9NYhDvP59CFC0EwP\r\n"
    "ANZFqG5cPAWlKQsW8iJsEJjWXXjLdfHlofHW2VeBAG6OGkbBjRSdoPNRxPOBzt4p\r\n"
    "XhYNYAi1EVvy9esgrdA8No2Q8lIxav4O3IXR/YVJnb+QGqU2uxMWHQg77MZ8/xsp\r\n"
    "7o1gtDiN64vQYg+LnQIDAQAB\r\n"
    "-----END PUBLIC KEY-----\r\n";

static sqlite3 *db;
static pthread_mutex_t db_mutex = PTHREAD_MUTEX_INITIALIZER;   /* one statement at a time */

struct guest { int sock; char ip[INET_ADDRSTRLEN]; };

/* Prepares a statement and binds its text arguments, in order. */
static sqlite3_stmt *ask(const char *sql, const char *a, const char *b)
{
    sqlite3_stmt *st;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s\n", sqlite3_errmsg(db));
        exit(1);
    }
    if (a) sqlite3_bind_text(st, 1, a, -1, SQLITE_TRANSIENT);
    if (b) sqlite3_bind_text(st, 2, b, -1, SQLITE_TRANSIENT);
    return st;
}

/* The first column of the first row, or otherwise where there is no row. */
static long number_of(sqlite3_stmt *st, long otherwise)
{
    long v = sqlite3_step(st) == SQLITE_ROW ? (long)sqlite3_column_int64(st, 0) : otherwise;
    sqlite3_finalize(st);
    return v;
}

/* Runs it; 1 if it worked (the name is unique, so INSERT may not). */
static int done(sqlite3_stmt *st)
{
    int ok = sqlite3_step(st) == SQLITE_DONE;
    sqlite3_finalize(st);
    return ok;
}

static void run(const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, error);
        exit(1);
    }
}

static int digits(const char *s)
{
    size_t n = strlen(s);
    return n > 0 && n <= 10 && strspn(s, "0123456789") == n;
}

static int name_ok(const char *s)
{
    size_t n = strlen(s);
    return n > 0 && n <= 16 && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == n;
}

static void list(const char *me, FILE *out)
{
    fprintf(out, "%ld\r\n%s", number_of(ask("SELECT balance FROM user WHERE name = ?", me, NULL), 0), PEM);
    fprintf(out, "%ld users online\r\n", number_of(ask("SELECT count(*) FROM user WHERE sock > 0", NULL, NULL), 0));
    sqlite3_stmt *st = ask("SELECT name, ip, port FROM user WHERE sock > 0 ORDER BY rowid", NULL, NULL);
    while (sqlite3_step(st) == SQLITE_ROW)
        fprintf(out, "%s#%s#%s\r\n", sqlite3_column_text(st, 0), sqlite3_column_text(st, 1), sqlite3_column_text(st, 2));
    sqlite3_finalize(st);
}

static void set_online(const char *name, int sock, const char *ip, const char *port)
{
    sqlite3_stmt *st = ask("UPDATE user SET ip = ?, port = ?, sock = ? WHERE name = ?", ip, port);
    sqlite3_bind_int(st, 3, sock);
    sqlite3_bind_text(st, 4, name, -1, SQLITE_TRANSIENT);
    done(st);
}

static void pay(int sock, const char *me, const char *payer, const char *amount, const char *payee)
{
    long have = number_of(ask("SELECT balance FROM user WHERE name = ?", payer, NULL), -1);
    long to = number_of(ask("SELECT sock FROM user WHERE name = ?", payer, NULL), 0);
    long n = digits(amount) ? atol(amount) : 0;
    int ok = have >= 0 && *me && !strcmp(me, payee) && strcmp(payer, payee) && n >= 1 && n <= 2147483647 && n <= have;
    if (ok) {
        run("BEGIN");
        done(ask("UPDATE user SET balance = balance - CAST(? AS INTEGER) WHERE name = ?", amount, payer));
        done(ask("UPDATE user SET balance = balance + CAST(? AS INTEGER) WHERE name = ?", amount, payee));
        run("COMMIT");
    }
    const char *text = ok ? "Transfer OK!\r\n" : "Transfer Fail!\r\n";
    send(to > 0 ? (int)to : sock, text, strlen(text), MSG_DONTWAIT);
}

/* me: the name that is logged in here, "" if none; returns 0 after Exit */
static int handle(struct guest *g, char *me, char *in, FILE *out)
{
    char *a = strchr(in, '#'), *b = a ? strchr(a + 1, '#') : NULL;

    if (!strcmp(in, "Exit")) {
        set_online(me, 0, "", "");
        me[0] = '\0';
        fputs("Bye\r\n", out);
        return 0;
    }
    if (!strcmp(in, "List")) {
        if (me[0])
            list(me, out);
        else
            fputs("Please login first\r\n", out);
        return 1;
    }
    if (!a) {
        fputs("230 Input format error\r\n", out);
        return 1;
    }
    *a++ = '\0';
    if (!strcmp(in, "REGISTER")) {
        if (!name_ok(a))
            fputs("230 Input format error\r\n", out);
        else if (done(ask("INSERT INTO user(name) VALUES(?)", a, NULL)))
            fputs("100 OK\r\n", out);
        else
            fputs("210 FAIL\r\n", out);
    } else if (b && !strchr(b + 1, '#')) {
        *b++ = '\0';
        pay(g->sock, me, in, a, b);
    } else {
        long sock = number_of(ask("SELECT sock FROM user WHERE name = ?", in, NULL), -1);
        if (sock < 0)
            fputs("220 AUTH_FAIL\r\n", out);
        else if (!digits(a) || atol(a) < 1 || atol(a) > 65535)
            fputs("230 Input format error\r\n", out);
        else if (sock > 0 || me[0])
            fputs("Someone is logged in already\r\n", out);
        else {
            strcpy(me, in);
            set_online(me, g->sock, g->ip, a);
            list(me, out);
        }
    }
    return 1;
}

static void *talk(void *arg)
{
    struct guest g = *(struct guest *)arg;
    char in[2048], me[2048] = "";
    ssize_t n;
    int more = 1;

    free(arg);
    while (more && (n = recv(g.sock, in, sizeof in - 1, 0)) > 0) {
        char *reply = NULL;
        size_t len = 0;
        in[n] = '\0';
        if (in[0] == '\0')
            continue;
        if (strlen(in) == sizeof in - 1)
            break;
        FILE *out = open_memstream(&reply, &len);
        pthread_mutex_lock(&db_mutex);
        more = handle(&g, me, in, out);
        pthread_mutex_unlock(&db_mutex);
        fclose(out);
        if (len > 0)
            send(g.sock, reply, len, 0);
        free(reply);
    }
    pthread_mutex_lock(&db_mutex);
    set_online(me, 0, "", "");
    close(g.sock);
    pthread_mutex_unlock(&db_mutex);
    return NULL;
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s <port>\n", argv[0]);
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    remove("server.db");
    if (sqlite3_open("server.db", &db) != SQLITE_OK) {
        fprintf(stderr, "server.db: %s\n", sqlite3_errmsg(db));
        return 1;
    }
    run("PRAGMA journal_mode = MEMORY");
    run("PRAGMA synchronous = OFF");
    run("CREATE TABLE user(name TEXT PRIMARY KEY, balance INTEGER DEFAULT 10000, sock INTEGER DEFAULT 0, ip TEXT, port TEXT)");

    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])) };
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&addr, sizeof addr) || listen(s, 128)) {
        perror("listen");
        return 1;
    }
    printf("database and table are ready, port %s\n", argv[1]);
    fflush(stdout);
    for (;;) {
        struct sockaddr_in peer;
        socklen_t len = sizeof peer;
        struct guest *g = malloc(sizeof *g);
        pthread_t t;
        g->sock = accept(s, (struct sockaddr *)&peer, &len);
        if (g->sock < 0) {
            free(g);
            usleep(10000);
            continue;
        }
        inet_ntop(AF_INET, &peer.sin_addr, g->ip, sizeof g->ip);
        pthread_create(&t, NULL, talk, g);
        pthread_detach(t);
    }
}
