using QuickStart;
using QuickStart.Output;

if (!Arguments.TryParse(args, out Arguments? arguments, out string? fault))
{
    Console.Error.WriteLine($"QuickStart: {fault}");
    Console.Error.WriteLine();
    Console.Error.WriteLine(Arguments.Usage);
    return 2;
}
if (arguments.Help)
{
    Console.WriteLine(Arguments.Usage);
    return 0;
}

Screen screen = new();
await new Tour(arguments, screen).RunAsync();
screen.Say($"{screen.Held} promises held, {screen.Broken} did not.");
return screen.Broken == 0 ? 0 : 1;
