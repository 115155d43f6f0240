/* A Vulkan loader that hands everything to the real one, and says that the device is lost once the file LOSE_DEVICE is there. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VK_ERROR_DEVICE_LOST (-4)

typedef void (*function)(void);
typedef function (*lookup)(void *, const char *);
typedef int (*submit)(void *, unsigned, const void *, void *);

static submit real_submit;
static lookup real_of_device;

static lookup real_of_instance(void) {
  static lookup found;
  if (!found) found = (lookup)dlsym(dlopen(getenv("REAL_VULKAN"), RTLD_NOW | RTLD_LOCAL), "vkGetInstanceProcAddr");
  return found;
}

static int submit_or_lose(void *queue, unsigned n, const void *submits, void *fence) {
  return access(getenv("LOSE_DEVICE"), F_OK) == 0 ? VK_ERROR_DEVICE_LOST : real_submit(queue, n, submits, fence);
}

static function of_device(void *device, const char *name) {
  function found = real_of_device(device, name);
  if (strcmp(name, "vkQueueSubmit") != 0) return found;
  real_submit = (submit)found;
  return (function)submit_or_lose;
}

function vkGetInstanceProcAddr(void *instance, const char *name) {
  function found = real_of_instance()(instance, name);
  if (strcmp(name, "vkGetDeviceProcAddr") != 0) return found;
  real_of_device = (lookup)found;
  return (function)of_device;
}
