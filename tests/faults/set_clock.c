// Preloaded into a broker, the machine's clock is ahead by as many seconds as the file WEIR_CLOCK says.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec* time) {
  static int (*real)(clockid_t, struct timespec*);
  if (real == NULL) real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  const int result = real(clock, time);
  if (result != 0 || clock != CLOCK_REALTIME) return result;
  FILE* file = fopen(getenv("WEIR_CLOCK"), "r");
  if (file == NULL) return result;
  long seconds = 0;
  if (fscanf(file, "%ld", &seconds) == 1) time->tv_sec += seconds;
  fclose(file);
  return result;
}
