/* Stands in for sc.exe, whose "config" wine does not have: sc config NAME start= auto|delayed-auto|demand|disabled|boot|system. */
#include <windows.h>
#include <stdio.h>
#include <string.h>

static int failed(const char *call)
{
    DWORD code = GetLastError();
    printf("[SC] %s FAILED %lu\n", call, code);
    return (int)code;
}

/* wine's service manager refuses this level (87 or 124); Windows' writes this value. */
static void write_delayed(const char *name, DWORD delayed)
{
    char key[300];
    snprintf(key, sizeof key, "SYSTEM\\CurrentControlSet\\Services\\%s", name);
    RegSetKeyValueA(HKEY_LOCAL_MACHINE, key, "DelayedAutostart", REG_DWORD, &delayed, sizeof delayed);
}

int main(int argc, char **argv)
{
    static const struct { const char *word; DWORD type; } types[] = {
        {"auto", SERVICE_AUTO_START}, {"delayed-auto", SERVICE_AUTO_START}, {"demand", SERVICE_DEMAND_START},
        {"disabled", SERVICE_DISABLED}, {"boot", SERVICE_BOOT_START}, {"system", SERVICE_SYSTEM_START}};
    DWORD type = SERVICE_NO_CHANGE;
    if (argc != 5 || strcmp(argv[1], "config") != 0 || strcmp(argv[3], "start=") != 0) return 1639;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(argv[4], types[i].word) == 0) type = types[i].type;
    if (type == SERVICE_NO_CHANGE) return 1639;

    SC_HANDLE manager = OpenSCManagerA(NULL, NULL, SC_MANAGER_CONNECT);
    if (manager == NULL) return failed("OpenSCManager");
    SC_HANDLE service = OpenServiceA(manager, argv[2], SERVICE_CHANGE_CONFIG);
    if (service == NULL) return failed("OpenService");
    if (!ChangeServiceConfigA(service, SERVICE_NO_CHANGE, type, SERVICE_NO_CHANGE, NULL, NULL, NULL, NULL, NULL, NULL, NULL))
        return failed("ChangeServiceConfig");
    SERVICE_DELAYED_AUTO_START_INFO info = {strcmp(argv[4], "delayed-auto") == 0};
    if (!ChangeServiceConfig2A(service, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &info)) {
        if (GetLastError() != ERROR_INVALID_LEVEL && GetLastError() != ERROR_INVALID_PARAMETER) return failed("ChangeServiceConfig2");
        write_delayed(argv[2], info.fDelayedAutostart);
    }
    printf("[SC] ChangeServiceConfig SUCCESS\n");
    return 0;
}
