/*
 * A service that does nothing but run: "service install NAME [NEEDED]" makes it, "service stop NAME" stops it, "service run NAME" is it.
 * "service idle session" keeps a session alive: wine ends its services with the last ordinary program.
 */
#include <windows.h>
#include <stdio.h>
#include <string.h>

static SERVICE_STATUS_HANDLE handle;
static HANDLE ended;

static void report(DWORD state)
{
    SERVICE_STATUS status = {SERVICE_WIN32_OWN_PROCESS, state, SERVICE_ACCEPT_STOP, 0, 0, 0, 0};
    SetServiceStatus(handle, &status);
}

static DWORD WINAPI control(DWORD code, DWORD type, void *data, void *context)
{
    if (code == SERVICE_CONTROL_STOP) SetEvent(ended);
    return NO_ERROR;
}

static void WINAPI body(DWORD argc, char **argv)
{
    ended = CreateEventA(NULL, TRUE, FALSE, NULL);
    handle = RegisterServiceCtrlHandlerExA(argv[0], control, NULL);
    report(SERVICE_RUNNING);
    WaitForSingleObject(ended, INFINITE);
    report(SERVICE_STOPPED);
}

static int install(SC_HANDLE manager, const char *name, const char *needed)
{
    WCHAR program[MAX_PATH], line[MAX_PATH + 300], wide[200], needs[202] = {0};
    GetModuleFileNameW(NULL, program, MAX_PATH);
    MultiByteToWideChar(CP_ACP, 0, name, -1, wide, 200);
    /* A list ends with two zeroes. */
    if (needed != NULL) MultiByteToWideChar(CP_ACP, 0, needed, -1, needs, 200);
    _snwprintf(line, sizeof line / sizeof *line, L"\"%ls\" run %ls", program, wide);
    SC_HANDLE service = CreateServiceW(manager, wide, wide, SERVICE_ALL_ACCESS, SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START,
                                       SERVICE_ERROR_NORMAL, line, NULL, NULL, needs, NULL, NULL);
    return service != NULL ? 0 : (int)GetLastError();
}

static int stop(SC_HANDLE manager, const char *name)
{
    SERVICE_STATUS status;
    SC_HANDLE service = OpenServiceA(manager, name, SERVICE_STOP | SERVICE_QUERY_STATUS);
    if (service == NULL || !ControlService(service, SERVICE_CONTROL_STOP, &status)) return (int)GetLastError();
    for (int i = 0; i < 200 && status.dwCurrentState != SERVICE_STOPPED; i++) {
        Sleep(50);
        QueryServiceStatus(service, &status);
    }
    return status.dwCurrentState == SERVICE_STOPPED ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc < 3) return 87;
    if (strcmp(argv[1], "idle") == 0) Sleep(INFINITE);
    if (strcmp(argv[1], "run") == 0) {
        SERVICE_TABLE_ENTRYA table[] = {{argv[2], body}, {NULL, NULL}};
        return StartServiceCtrlDispatcherA(table) ? 0 : (int)GetLastError();
    }
    SC_HANDLE manager = OpenSCManagerA(NULL, NULL, SC_MANAGER_ALL_ACCESS);
    if (manager == NULL) return (int)GetLastError();
    if (strcmp(argv[1], "install") == 0) return install(manager, argv[2], argc > 3 ? argv[3] : NULL);
    if (strcmp(argv[1], "stop") == 0) return stop(manager, argv[2]);
    return 87;
}
