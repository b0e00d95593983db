/*
 * Loads libraries as a program would at run time, and looks up every function that they promise.
 *
 *     dlopen_all LIBRARY SYMBOLS [LIBRARY SYMBOLS]...
 *
 * All of them stay loaded together, and each has functions of its own. Loading one opens no file and no socket that
 * stays open, starts no thread and prints nothing.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { kMaxLibraries = 8, kMaxName = 256 };

static int failures;

static void complain(const char *library, const char *what) {
  printf("FAILED: %s: %s\n", library, what);
  failures++;
}

/* Entries of a folder of /proc/self, the folder itself being open not counted. */
static int count_entries(const char *folder) {
  DIR *dir = opendir(folder);
  if (dir == NULL) return -1;
  int n = 0;
  for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) n += e->d_name[0] != '.';
  closedir(dir);
  return n;
}

static void *load(const char *library) {
  int tasks = count_entries("/proc/self/task");
  int files = count_entries("/proc/self/fd");

  /* What the library prints while it is loaded would go to this pipe. */
  int ends[2];
  int saved[3];
  fflush(stdout);
  if (pipe(ends) != 0) {
    complain(library, "no pipe");
    return NULL;
  }
  for (int fd = 1; fd <= 2; fd++) {
    saved[fd] = dup(fd);
    dup2(ends[1], fd);
  }
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  const char *reason = handle == NULL ? dlerror() : NULL;
  fflush(stdout);
  for (int fd = 1; fd <= 2; fd++) {
    dup2(saved[fd], fd);
    close(saved[fd]);
  }
  close(ends[1]);
  char printed[128];
  ssize_t n = read(ends[0], printed, sizeof printed - 1);
  close(ends[0]);

  if (handle == NULL) {
    complain(library, reason != NULL ? reason : "cannot be loaded");
    return NULL;
  }
  if (n > 0) {
    printed[n] = '\0';
    complain(library, "prints while it is loaded:");
    printf("    %s\n", printed);
  }
  if (count_entries("/proc/self/task") != tasks) complain(library, "starts a thread while it is loaded");
  if (count_entries("/proc/self/fd") != files) complain(library, "leaves a file open while it is loaded");
  return handle;
}

/* Looks up each line of the list; returns how many there are. */
static int look_up_all(const char *library, void *handle, const char *list, void *const *others, int n_others) {
  FILE *f = fopen(list, "r");
  if (f == NULL) {
    complain(list, "cannot be read");
    return 0;
  }
  char name[kMaxName];
  int n = 0;
  while (fgets(name, sizeof name, f) != NULL) {
    name[strcspn(name, "\n")] = '\0';
    if (name[0] == '\0') continue;
    n++;
    void *p = dlsym(handle, name);
    if (p == NULL) {
      printf("FAILED: %s: %s is not there\n", library, name);
      failures++;
    }
    for (int i = 0; i < n_others; i++) {
      if (p != NULL && dlsym(others[i], name) == p) {
        printf("FAILED: %s: %s is that of another library\n", library, name);
        failures++;
      }
    }
  }
  fclose(f);
  return n;
}

int main(int argc, char **argv) {
  if (argc < 3 || argc % 2 == 0 || argc > 1 + 2 * kMaxLibraries) {
    fprintf(stderr, "usage: dlopen_all LIBRARY SYMBOLS [LIBRARY SYMBOLS]...\n");
    return 2;
  }
  void *handles[kMaxLibraries];
  int loaded = 0;
  for (int i = 1; i < argc; i += 2) {
    void *handle = load(argv[i]);
    if (handle == NULL) continue;
    int n = look_up_all(argv[i], handle, argv[i + 1], handles, loaded);
    printf("%s: %d functions looked up\n", argv[i], n);
    if (n == 0) complain(argv[i], "its list is empty");
    handles[loaded++] = handle;
  }
  if (failures > 0) printf("%d faults\n", failures);
  return failures > 0 ? 1 : 0;
}
